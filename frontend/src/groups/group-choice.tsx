/** Which group a stream is in, and the choice of another. */
import type { Session } from "../panes/session";
import type { Letter } from "./groups";
import "./groups.css";

export function GroupChoice({ session, id }: { session: Session; id: string }) {
  const { groups, viewports } = session;
  const chosen = groups.of(id);
  const { free } = groups;
  const letters = [...groups.all.keys(), ...(free === null ? [] : [free])].sort();
  const title = (letter: Letter): string => {
    const others = (groups.all.get(letter) ?? []).filter((one) => one !== id);
    return others.length === 0
      ? `group ${letter}: nobody else yet`
      : `group ${letter}: with ${others.join(", ")}`;
  };
  return (
    <div class="menu-row group-choice" role="group" aria-label={`group of ${id}`}>
      <span title="a group shares zoom, display and regions">Group</span>
      <button
        type="button"
        class="sign"
        aria-pressed={chosen === null}
        onClick={() => viewports.group(id, null)}
      >
        none
      </button>
      {letters.map((letter) => (
        <button
          key={letter}
          type="button"
          class="sign"
          data-letter={letter}
          title={title(letter)}
          aria-label={`put ${id} into group ${letter}`}
          aria-pressed={chosen === letter}
          onClick={() => viewports.group(id, letter)}
        >
          {letter}
        </button>
      ))}
    </div>
  );
}

/** The letter of the group of a stream, where its name is. */
export function GroupTag({ session, id }: { session: Session; id: string }) {
  const letter = session.groups.of(id);
  if (letter === null) return null;
  const others = session.groups.members(id).filter((one) => one !== id);
  const title =
    others.length === 0 ? "alone in its group" : `shares zoom, display and regions with ${others.join(", ")}`;
  return (
    <span class="group-tag" data-letter={letter} title={`group ${letter}: ${title}`}>
      {letter}
    </span>
  );
}
