/** The page: a bar, and a grid of panes that grows with the streams. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { layout } from "../layout";
import { FramePane } from "./frame-pane";
import { Header } from "./header";
import { Help } from "./help";
import { MetricPane } from "./metric-pane";
import type { Session } from "./session";

export function App({ session }: { session: Session }) {
  const { store } = session;
  const grid = useRef<HTMLElement>(null);
  const size = useSignal({ width: innerWidth, height: innerHeight });
  useEffect(() => {
    if (grid.current === null) return;
    const observer = new ResizeObserver((records) => {
      const box = records.at(-1)?.contentRect;
      if (box !== undefined) size.value = { width: box.width, height: box.height };
    });
    observer.observe(grid.current);
    return () => observer.disconnect();
  }, []);

  const panes = store.panes.value;
  const { columns, fits, rowPx } = layout(panes.length, size.value.width, size.value.height);
  return (
    <div
      class="page"
      data-connection={store.connection.value}
      data-run={store.run.value ?? ""}
      data-step={session.playback.mode.value.follow}
    >
      <Header session={session} />
      <main
        ref={grid}
        class={`grid ${fits ? "fits" : ""} ${columns === 1 && !fits ? "single" : ""}`}
        style={{
          "--columns": String(columns),
          "--rows": String(Math.ceil(panes.length / columns)),
          "--row": rowPx === null ? "max-content" : `${rowPx}px`,
        }}
      >
        {panes.map((entry) =>
          entry.stream.kind === "frame" ? (
            <FramePane key={entry.key} session={session} entry={entry} stream={entry.stream} />
          ) : (
            <MetricPane key={entry.key} session={session} entry={entry} stream={entry.stream} />
          ),
        )}
        {panes.length === 0 && <Empty connected={store.connection.value === "open"} />}
      </main>
      <Help session={session} />
    </div>
  );
}

function Empty({ connected }: { connected: boolean }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 120 40" width="180" height="60" aria-hidden="true">
        <path d="M2 24h26l8-18 14 30 9-18 6 6h53" pathLength="100" />
      </svg>
      <h2>{connected ? "No streams yet" : "Waiting for the runner"}</h2>
      <p>
        {connected
          ? "Streams appear here by themselves as soon as a node sends something."
          : "The page connects by itself as soon as the runner answers."}
      </p>
    </div>
  );
}
