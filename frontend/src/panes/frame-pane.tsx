/** A picture that moves. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { FrameStream } from "../metrics/message";
import { release } from "../metrics/schedule";
import type { Entry } from "../store";
import { patience, truth } from "../truth";
import { keep, NOTHING, type Keeper, type Showing } from "../video/keeper";
import * as format from "../format";
import { Pane } from "./pane";
import type { Session } from "./session";

export function FramePane({
  session,
  entry,
  stream,
}: {
  session: Session;
  entry: Entry;
  stream: FrameStream;
}) {
  const { store } = session;
  const host = useRef<HTMLDivElement>(null);
  const keeper = useRef<Keeper | null>(null);
  const latest = useRef({ stream, known: true });
  latest.current = { stream, known: entry.missingMs === null };

  // Before the page is painted: the first picture waits for nothing.
  useLayoutEffect(() => {
    if (host.current === null) return;
    const made = keep(host.current, {
      now: () => {
        // A producer whose clock is ahead: how old its frames are is not known.
        const ahead = (latest.current.stream.delay_ms ?? 0) < 0;
        return session.synchronised() && !ahead ? session.now() : null;
      },
      expecting: () =>
        store.connection.peek() === "open" && latest.current.known && latest.current.stream.state === "live",
      firstPicture: release,
      patienceMs: () => patience(latest.current.stream.rate),
      dvr: () => {
        const { dvr } = latest.current.stream;
        return dvr === null ? null : { fromMs: dvr.from_ms, toMs: dvr.to_ms };
      },
    });
    keeper.current = made;
    return () => {
      keeper.current = null;
      made.dispose();
    };
  }, []);

  const run = store.run.value;
  useLayoutEffect(() => {
    const { id, hls, llhls, live } = stream;
    if (run !== null && entry.missingMs === null) keeper.current?.source({ id, hls, llhls, live }, run);
  }, [stream.hls, stream.llhls, stream.live, run, entry.missingMs === null]);

  const isPaused = session.paused.value.has(entry.key);
  useEffect(() => {
    if (isPaused) keeper.current?.pause();
    else keeper.current?.live();
  }, [isPaused]);

  session.subscribeToTime();
  const showing = keeper.current?.showing() ?? NOTHING;
  const state = truth(stream, {
    connection: store.connection.value,
    known: entry.missingMs === null,
    paused: isPaused,
    shown: showing.shown,
    sinceChangeMs: showing.sinceFrameMs,
    latencyMs: showing.latencyMs,
    trouble: showing.trouble,
  });

  const [height = 3, width = 4] = stream.format?.shape ?? [];
  const facts =
    stream.format === null ? format.UNKNOWN : `${format.shape(stream.format.shape)} · ${stream.format.dtype}`;
  return (
    <Pane
      session={session}
      entry={entry}
      truth={state}
      latencyMs={showing.latencyMs}
      facts={facts}
      rateUnit="fps"
      rateNote={rateNote(stream, showing)}
      dropsNote={`${format.count(showing.skipped)} not shown by this browser`}
    >
      <div class="stage" style={{ "--aspect": `${width} / ${height}`, "--ratio": String(width / height) }}>
        <div
          class="picture"
          ref={host}
          style={{ "--pad-x": String(padded(width) / width), "--pad-y": String(padded(height) / height) }}
          onDblClick={() => session.toggleMaximised(entry.key)}
        />
        {!showing.shown && <div class="placeholder" aria-hidden="true" />}
        {state.note !== null && <p class="note">{state.note}</p>}
      </div>
    </Pane>
  );
}

/** Video has even sides: an odd one is padded by a line that is not shown. */
function padded(side: number): number {
  return side + (side % 2);
}

function rateNote(stream: FrameStream, { shownFps }: Showing): string {
  const lines = [`${format.rate(stream.rate, "fps")} produced`];
  if (shownFps !== null) lines.push(`${format.rate(shownFps, "fps")} on this screen`);
  lines.push(`${format.plural(stream.received, "frame")} received`);
  if (stream.encoder !== null) {
    lines.push(`encoder ${stream.encoder.phase}, ${format.plural(stream.encoder.encoded, "frame")} encoded`);
    lines.push(format.plural(stream.encoder.restarts, "encoder restart"));
  }
  return lines.join("\n");
}
