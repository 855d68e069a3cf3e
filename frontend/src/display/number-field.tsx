/** A number that can be typed. */
import { useSignal } from "@preact/signals";

interface Props {
  label: string;
  /** Null while it is not known. */
  value: number | null;
  /** Whether the last one was refused. */
  invalid: boolean;
  /** Id of the element that says why. */
  describedBy: string;
  onCommit: (value: number) => void;
  /** Something was typed that is no number. */
  onComplaint: (text: string) => void;
}

export function NumberField({ label, value, invalid, describedBy, onCommit, onComplaint }: Props) {
  /** What was typed and not yet taken; the value may change meanwhile. */
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const text = draft.value?.trim();
    draft.value = null;
    if (text === undefined || text === "" || text === written(value)) return;
    const typed = Number(text.replace("−", "-"));
    if (Number.isFinite(typed)) onCommit(typed);
    else onComplaint(`${label} is “${text}”: expected a finite number`);
  };
  return (
    <label class="number-field">
      <span>{label}</span>
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        spellcheck={false}
        aria-label={label}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        title={value === null ? "" : String(value)}
        value={draft.value ?? written(value)}
        onInput={({ currentTarget }) => (draft.value = currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key !== "Escape" || draft.value === null) return;
          draft.value = null;
          event.stopPropagation();
        }}
      />
    </label>
  );
}

/** Whole numbers as they are, others to six digits. */
function written(value: number | null): string {
  if (value === null) return "";
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}
