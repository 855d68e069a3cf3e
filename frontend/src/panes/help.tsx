/** Which key does what. */
import type { Session } from "./session";

const KEYS = [
  ["Space", "pause everything at one moment, or go on"],
  ["← →", "one frame back or on"],
  ["Shift ← →", "one second back or on"],
  ["L", "go live"],
  ["I", "charts in step with the picture, or live"],
  ["click in a chart", "everything to that moment"],
  ["R", "display of the picture as it was before any change"],
  ["wheel, + −", "zoom the picture about the pointer; drag to move it"],
  ["0", "all of the picture"],
  ["P, Shift click", "keep an eye on the pixel under the pointer, or no longer"],
  ["S", "save the frame on screen exactly, as TIFF"],
  ["Del", "delete the region that is selected; arrows move it while it has the focus"],
  ["F", "full screen of the pane under the pointer"],
  ["double click", "pane fills the window, and back"],
  ["Esc", "back to the grid"],
  ["?", "this help"],
] as const;

export function Help({ session }: { session: Session }) {
  if (!session.help.value) return null;
  const close = () => (session.help.value = false);
  return (
    <div class="overlay" onClick={close}>
      <section
        class="help"
        role="dialog"
        aria-modal="true"
        aria-label="keys"
        onClick={(event) => event.stopPropagation()}
      >
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <button type="button" onClick={close}>
          Close
        </button>
      </section>
    </div>
  );
}
