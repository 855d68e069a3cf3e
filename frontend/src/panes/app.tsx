/** The page: a bar, and a grid of panes that grows with the streams. */
import { PaneGrid } from "../grid/pane-grid";
import { FramePane } from "./frame-pane";
import { Header } from "./header";
import { Help } from "./help";
import { MetricPane } from "./metric-pane";
import type { Session } from "./session";

export function App({ session }: { session: Session }) {
  const { store } = session;
  const panes = store.panes.value.filter((entry) => !session.isHidden(entry));
  return (
    <div
      class="page"
      data-connection={store.connection.value}
      data-run={store.run.value ?? ""}
      data-step={session.playback.mode.value.follow}
    >
      <Header session={session} />
      <PaneGrid
        grid={session.grid}
        sight={session.sight}
        panes={
          new Map(
            panes.map((entry) => [
              entry.key,
              entry.stream.kind === "frame" ? (
                <FramePane session={session} entry={entry} stream={entry.stream} />
              ) : (
                <MetricPane session={session} entry={entry} stream={entry.stream} />
              ),
            ]),
          )
        }
        empty={<Empty connected={store.connection.value === "open"} hidden={store.panes.value.length} />}
      />
      <Help session={session} />
    </div>
  );
}

/** `hidden` is how many streams there are that are not shown. */
function Empty({ connected, hidden }: { connected: boolean; hidden: number }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 120 40" width="180" height="60" aria-hidden="true">
        <path d="M2 24h26l8-18 14 30 9-18 6 6h53" pathLength="100" />
      </svg>
      <h2>
        {!connected ? "Waiting for the runner" : hidden > 0 ? "All panes are hidden" : "No streams yet"}
      </h2>
      <p>
        {connected && hidden > 0
          ? "The menu of the layout, above, shows them again."
          : connected
            ? "Streams appear here by themselves as soon as a node sends something."
            : "The page connects by itself as soon as the runner answers."}
      </p>
    </div>
  );
}
