/** The series of a metric stream as lines over time. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { MetricStream } from "../metrics/message";
import { lastTime } from "../metrics/chart";
import { byUnit } from "../metrics/groups";
import { Past, type View } from "../metrics/past";
import { roundBegan } from "../metrics/schedule";
import type { Entry, Trace } from "../store";
import { known, latencyOf } from "../time/latency";
import { read, type Reading } from "../time/reading";
import { truth } from "../truth";
import * as format from "../format";
import { getText } from "./get";
import { Legend } from "./legend";
import { Pane } from "./pane";
import { Plot } from "./plot";
import type { Session } from "./session";

/** Lines that one chart draws at most: more cannot be told apart. */
export const MOST_LINES = 32;

/** The runner's clock is known here this well, ms. */
const CLOCK_ERROR_MS = 20;

export function MetricPane({
  session,
  entry,
  stream,
}: {
  session: Session;
  entry: Entry;
  stream: MetricStream;
}) {
  const { store, playback } = session;
  const filter = useSignal("");
  const all = store.traces.value.get(stream.id) ?? [];
  const matching = matches(all, filter.value);
  const lines = matching.slice(0, MOST_LINES);
  const groups = byUnit(lines);

  session.subscribeToTime();
  const { stand } = playback.mode.value;
  const windowMs = store.windowS.value * 1000;
  const edgeMs = playback.edgeMs(roundBegan());
  const view: View | null =
    stand === null ? null : { fromMs: edgeMs - windowMs, toMs: edgeMs, cursorMs: stand.cursorMs };

  const run = store.run.value;
  const past = useMemo(
    () => new Past(stream.id, { get: getText, now: session.now, changed: session.refresh }),
    // Numbers of series are those of a run.
    [stream.id, run],
  );
  useEffect(() => () => past.clear(), [past]);
  useEffect(() => {
    if (view === null) past.clear();
    else past.look(view, { rate: stream.rate, series: Math.max(stream.series, all.length) });
  });

  /** What is drawn of a trace: the page's own samples, or those of then. */
  const drawn = (trace: Trace): Trace => {
    if (view === null || (!past.covers(view) && reachesBack(trace, view))) return trace;
    const history = past.history(trace.series.id);
    return history === null ? trace : { ...trace, history };
  };
  const readAt = (trace: Trace): Reading | null => {
    const cursor = playback.cursor.peek();
    if (cursor === null) return newest(trace);
    const { captureMs, toleranceMs } = cursor;
    const history = past.exact(trace.series.id, captureMs) ?? drawn(trace).history;
    return read(history, captureMs, toleranceMs);
  };

  const last = lastTime(all.map(({ history }) => history));
  const nowMs = session.now();
  const latency = latencyOf(last === null ? null : Math.min(last, stand?.cursorMs ?? edgeMs), {
    synchronised: session.synchronised(),
    // A sample of the future: its producer's clock is ahead.
    delayMs: last === null || last < nowMs + CLOCK_ERROR_MS ? null : nowMs - last,
    shownMs: nowMs,
  });
  const state = truth(stream, {
    connection: store.connection.value,
    known: entry.missingMs === null,
    paused: stand !== null,
    asleep: !session.sight.awake(entry.key),
    seeking: false,
    awayMs: null,
    shown: last !== null,
    // The runner knows best when a series is late: it knows its rate.
    sinceChangeMs: null,
    latencyMs: known(latency),
    trouble: view === null ? null : past.trouble,
  });
  const count = Math.max(stream.series, all.length);
  const units = [
    ...new Set(all.map(({ series }) => series.unit).filter((unit) => unit !== null && unit !== "")),
  ];
  const facts = [format.plural(count, "series"), ...(units.length === 1 ? units : [])].join(" · ");
  return (
    <Pane
      session={session}
      entry={entry}
      truth={state}
      latency={latency}
      facts={facts}
      rateUnit="/s"
      rateNote={`${format.rate(stream.rate, "samples/s of one series")}\n${format.plural(stream.received, "message")} received`}
    >
      <div class="stage plot">
        <div class="chart-box">
          {groups.map((group, index) => (
            <Plot
              key={group.unit ?? ""}
              session={session}
              pane={entry.key}
              group={group}
              drawn={drawn}
              last={index === groups.length - 1}
              titled={groups.length > 1}
            />
          ))}
          {state.note !== null && <p class="note">{state.note}</p>}
        </div>
        <Legend
          traces={lines}
          color={session.theme.value.color}
          unit={units.length === 1 ? null : undefined}
          total={count}
          matching={matching.length}
          filter={filter}
          filterable={count > MOST_LINES}
          read={readAt}
          onMoment={(listener) => session.onMoment(listener, entry.key)}
        />
      </div>
    </Pane>
  );
}

function matches(traces: readonly Trace[], filter: string): readonly Trace[] {
  const word = filter.trim().toLowerCase();
  return word === "" ? traces : traces.filter(({ series }) => series.name.toLowerCase().includes(word));
}

/** Whether the page itself holds a trace since the beginning of a view. */
function reachesBack({ history }: Trace, { fromMs }: View): boolean {
  return history.length > 0 && history.time(0) <= fromMs;
}

function newest({ history }: Trace): Reading | null {
  const { lastTime: t, lastValue: v } = history;
  return t === null || v === null ? null : { t, v, matches: false };
}
