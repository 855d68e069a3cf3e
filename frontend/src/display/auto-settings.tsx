/** What an automatic window goes by. */
import { NumberField } from "./number-field";
import type { Window } from "./settings";

interface Props {
  window: Window;
  /** Id of the element that says what was refused. */
  note: string;
  onChange: (window: Window) => void;
  onComplaint: (text: string) => void;
}

export function AutoSettings({ window, note, onChange, onComplaint }: Props) {
  const [low, high] = window.percentiles;
  return (
    <details class="display-auto">
      <summary>
        Auto from {low} to {high} %
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
    </details>
  );
}
