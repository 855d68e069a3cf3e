/** The layout of the page: what is hidden, whether it is locked, and back to what it is by itself. */
import { Icon } from "../panes/icon";
import type { Session } from "../panes/session";
import { Popover } from "./popover";

export function LayoutMenu({ session }: { session: Session }) {
  const { grid, store } = session;
  const hidden = store.panes.value.filter(session.isHidden);
  const byHand = hidden.filter(({ key }) => grid.isHidden(key)).length;
  const { locked } = grid;
  return (
    <Popover
      id="menu-layout"
      kind="tool"
      title="Layout: hidden panes, lock, reset"
      label={byHand === 0 ? "layout" : `layout, ${byHand} hidden`}
      button={
        <>
          <Icon name={locked ? "locked" : "panes"} />
          {byHand > 0 && <span>{byHand} hidden</span>}
        </>
      }
    >
      {() => (
        <>
          <h2>Layout</h2>
          <p class="menu-note">
            {grid.arrangement === null
              ? "Panes share the window. Drag one by its head, or by an edge to resize it."
              : "As you arranged it; this browser remembers."}
          </p>
          <label class="menu-item">
            <input
              type="checkbox"
              checked={locked}
              onChange={({ currentTarget }) => grid.lock(currentTarget.checked)}
            />
            Lock: nothing moves or is hidden
          </label>
          <button
            type="button"
            class="menu-item"
            disabled={locked || !grid.changed}
            onClick={() => grid.reset()}
          >
            <Icon name="reset" /> Reset layout
          </button>
          <h3>Hidden panes</h3>
          {hidden.length === 0 && <p class="menu-note">None.</p>}
          <ul>
            {hidden.map(({ key, stream }) => (
              <li key={key}>
                <button
                  type="button"
                  class="menu-item"
                  aria-label={`show ${stream.id}`}
                  onClick={() => grid.show(key)}
                >
                  <Icon name="show" />
                  <span class="menu-name">{stream.id}</span>
                  <small>{stream.kind === "frame" ? "pictures" : "charts"}</small>
                </button>
              </li>
            ))}
          </ul>
          {hidden.length > 1 && (
            <button
              type="button"
              class="menu-item"
              onClick={() => {
                for (const { key } of hidden) grid.show(key);
              }}
            >
              Show all
            </button>
          )}
        </>
      )}
    </Popover>
  );
}
