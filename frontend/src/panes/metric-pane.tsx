/** The series of a metric stream as lines over time. */
import { useSignal } from "@preact/signals";
import type { MetricStream } from "../metrics/message";
import { lastTime } from "../metrics/chart";
import { byUnit } from "../metrics/groups";
import type { Entry, Trace } from "../store";
import { truth } from "../truth";
import { latency } from "../video/position";
import * as format from "../format";
import { Legend } from "./legend";
import { Pane } from "./pane";
import { Plot } from "./plot";
import type { Session } from "./session";

/** Lines that one chart draws at most: more cannot be told apart. */
export const MOST_LINES = 32;

export function MetricPane({
  session,
  entry,
  stream,
}: {
  session: Session;
  entry: Entry;
  stream: MetricStream;
}) {
  const { store } = session;
  const filter = useSignal("");
  const all = store.traces.value.get(stream.id) ?? [];
  const matching = matches(all, filter.value);
  const drawn = matching.slice(0, MOST_LINES);
  const groups = byUnit(drawn);
  const pausedAt = session.paused.value.get(entry.key);

  session.subscribeToTime();
  const last = lastTime(all.map(({ history }) => history));
  const latencyMs = session.synchronised() ? latency(last, session.now()) : null;
  const state = truth(stream, {
    connection: store.connection.value,
    known: entry.missingMs === null,
    paused: pausedAt !== undefined,
    shown: last !== null,
    // The runner knows best when a series is late: it knows its rate.
    sinceChangeMs: null,
    latencyMs: pausedAt === undefined ? latencyMs : session.now() - pausedAt,
    trouble: null,
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
      latencyMs={latencyMs}
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
              last={index === groups.length - 1}
              pausedAt={pausedAt}
              titled={groups.length > 1}
            />
          ))}
          {state.note !== null && <p class="note">{state.note}</p>}
        </div>
        <Legend
          traces={drawn}
          color={session.theme.value.color}
          unit={units.length === 1 ? null : undefined}
          total={count}
          matching={matching.length}
          filter={filter}
          filterable={count > MOST_LINES}
        />
      </div>
    </Pane>
  );
}

function matches(traces: readonly Trace[], filter: string): readonly Trace[] {
  const word = filter.trim().toLowerCase();
  return word === "" ? traces : traces.filter(({ series }) => series.name.toLowerCase().includes(word));
}
