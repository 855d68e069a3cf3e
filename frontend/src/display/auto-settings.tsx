/** What an automatic window goes by. */
import { NumberField } from "./number-field";
import type { Window } from "./settings";

interface Props {
  window: Window;
  /** Names of the regions of the stream. */
  rois: readonly string[];
  /** Id of the element that says what was refused. */
  note: string;
  onChange: (window: Window) => void;
  onComplaint: (text: string) => void;
}

export function AutoSettings({ window, rois, note, onChange, onComplaint }: Props) {
  const [low, high] = window.percentiles;
  const { roi } = window;
  // One that is gone, or not known yet, is still what was asked for.
  const names = typeof roi === "string" && !rois.includes(roi) ? [roi, ...rois] : rois;
  return (
    <details class="display-auto">
      <summary>
        Auto from {low} to {high} %{typeof roi === "string" && ` of ${roi}`}
      </summary>
      <div class="display-row">
        <NumberField
          label="from %"
          value={low}
          invalid={false}
          describedBy={note}
          onComplaint={onComplaint}
          onCommit={(percent) => onChange({ ...window, percentiles: [percent, high] })}
        />
        <NumberField
          label="to %"
          value={high}
          invalid={false}
          describedBy={note}
          onComplaint={onComplaint}
          onCommit={(percent) => onChange({ ...window, percentiles: [low, percent] })}
        />
      </div>
      <div class="display-row">
        <label class="check">
          <input
            type="checkbox"
            checked={window.ignore_zero}
            onChange={({ currentTarget }) => onChange({ ...window, ignore_zero: currentTarget.checked })}
          />
          ignore zeros
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={window.ignore_saturated}
            onChange={({ currentTarget }) => onChange({ ...window, ignore_saturated: currentTarget.checked })}
          />
          ignore saturated
        </label>
      </div>
      {roi !== undefined && (
        <label class="display-row">
          <span class="display-label">looks at</span>
          <select
            aria-label="region that Auto looks at"
            value={roi ?? ""}
            onChange={({ currentTarget }) =>
              onChange({ ...window, roi: currentTarget.value === "" ? null : currentTarget.value })
            }
          >
            <option value="">whole frame</option>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </details>
  );
}
