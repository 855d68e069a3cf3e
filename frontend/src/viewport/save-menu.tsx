/** Saves the frame on screen, in the format that is chosen. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FrameStream } from "../metrics/message";
import { Icon } from "../panes/icon";
import { FORMATS, type Format } from "./frames";

const NAMES: Readonly<Record<Format, string>> = { tiff: "TIFF", npy: "NumPy", png: "PNG" };
/** What PNG can hold. */
const IN_PNG = ["uint8", "uint16", "bool"];

export function SaveMenu({ stream, onSave }: { stream: FrameStream; onSave: (format: Format) => void }) {
  const open = useSignal(false);
  const root = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!open.value) return;
    const close = (event: Event): void => {
      const within = event.target instanceof Node && root.current?.contains(event.target) === true;
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !within) open.value = false;
    };
    addEventListener("pointerdown", close, { capture: true });
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close, { capture: true });
      removeEventListener("keydown", close);
    };
  }, [open.value]);

  const { id, format } = stream;
  const dtype = format?.dtype ?? "";
  return (
    <span class="save" ref={root}>
      <button
        type="button"
        title="Save the frame on screen, exactly (S)"
        aria-label={`save a frame of ${id}`}
        aria-haspopup="menu"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="save" />
      </button>
      {open.value && (
        <menu class="save-menu" role="menu">
          {FORMATS.map((format) => {
            const cannot = format === "png" && !IN_PNG.includes(dtype);
            return (
              <button
                key={format}
                type="button"
                role="menuitem"
                disabled={cannot}
                title={cannot ? `PNG cannot hold ${dtype}` : `as captured, bit for bit (.${format})`}
                data-format={format}
                onClick={() => {
                  open.value = false;
                  onSave(format);
                }}
              >
                {NAMES[format]}
                {format === "tiff" && <kbd>S</kbd>}
              </button>
            );
          })}
        </menu>
      )}
    </span>
  );
}
