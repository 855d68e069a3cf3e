/** What can be done to a pane as a pane: its group, its place without a pointer, and to hide it. */
import { GroupChoice } from "../groups/group-choice";
import { Icon } from "../panes/icon";
import type { Session } from "../panes/session";
import type { Entry } from "../store";
import type { Step } from "./arrangement";
import { Popover } from "./popover";

const MOVES = [
  ["left", "←"],
  ["right", "→"],
  ["up", "↑"],
  ["down", "↓"],
] as const;
const SIZES = [
  ["narrower", "↔ −"],
  ["wider", "↔ +"],
  ["lower", "↕ −"],
  ["taller", "↕ +"],
] as const;

export function PaneMenu({ session, entry: { key, stream } }: { session: Session; entry: Entry }) {
  const { grid } = session;
  const { id } = stream;
  const step = grid.steps.value;
  const { locked } = grid;
  const row = (label: string, steps: readonly (readonly [Step, string])[], verb: string) => (
    <div class="menu-row" role="group" aria-label={`${verb} ${id}`}>
      <span>{label}</span>
      {steps.map(([to, sign]) => (
        <button
          key={to}
          type="button"
          class="sign"
          title={`${verb} ${to}`}
          aria-label={`${verb} ${id} ${to}`}
          disabled={locked}
          onClick={() => step?.(key, to)}
        >
          {sign}
        </button>
      ))}
    </div>
  );
  return (
    <Popover
      id={`menu-${key}`}
      title="Group, move, hide"
      label={`menu of ${id}`}
      button={<Icon name="more" />}
    >
      {() => (
        <>
          {stream.kind === "frame" && <GroupChoice session={session} id={id} />}
          {step !== null && row("Move", MOVES, "move")}
          {step !== null && row("Size", SIZES, "make")}
          <button
            type="button"
            class="menu-item"
            disabled={locked}
            title={
              locked ? "the layout is locked" : "the menu of the layout, in the bar above, shows it again"
            }
            onClick={() => session.hide(key)}
          >
            <Icon name="hide" /> Hide
          </button>
          {locked && <p class="menu-note">The layout is locked.</p>}
        </>
      )}
    </Popover>
  );
}
