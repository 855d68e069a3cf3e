/** How pictures come to the screen, and the choice of another way. */
import { PATH_NAMES, PATHS, type Path } from "../video/path";
import { preference, type Preference } from "./preference";
import type { Session } from "./session";

interface Props {
  session: Session;
  id: string;
  /** The one that is in use. */
  path: Path | null;
  /** Why it is not a faster one. */
  note: string | null;
  /** The film of a paused page is played by HLS, whatever was asked for. */
  paused: boolean;
}

export function PathSelect({ session, id, path, note, paused }: Props) {
  const wanted = session.exacts.wants(id) ? "exact" : session.path.value;
  const used = path === null ? "…" : PATH_NAMES[path];
  const refused = !paused && wanted !== "auto" && path !== null && path !== wanted;
  const choose = (name: Preference): void => {
    // For this picture alone: it costs more, and has a display of its own.
    session.exacts.choose(id, name === "exact");
    if (name !== "exact") session.prefer(name);
  };
  const title = [
    refused ? `${PATH_NAMES[wanted]} was asked for` : "how pictures come to this screen",
    ...(paused ? ["while paused: from the segments that are kept"] : []),
    ...(note === null ? [] : note.split("; ")),
  ].join("\n");
  return (
    <label class={`path ${refused ? "warn" : ""}`} title={title}>
      <span aria-hidden="true">
        {wanted === "auto" && <span class="auto">Auto · </span>}
        {used}
      </span>
      <select
        aria-label={`path of ${id}, now ${used}`}
        value={wanted}
        onChange={({ currentTarget }) => choose(preference(currentTarget.value) ?? "auto")}
      >
        <option value="auto">Auto: the fastest that works</option>
        {PATHS.filter((name) => name !== "native" || wanted === name).map((name) => (
          <option key={name} value={name}>
            {PATH_NAMES[name]}
          </option>
        ))}
        <option value="exact">Exact: pixels as captured, in this picture</option>
      </select>
    </label>
  );
}
