/** The series of a metric stream as lines over time. */
import { useSignal } from "@preact/signals";
import type { MetricStream } from "../metrics/message";
import { lastTime } from "../metrics/chart";
import { byUnit } from "../metrics/groups";
import { roundBegan } from "../metrics/schedule";
import { StatisticSelect } from "../roi/statistic-select";
import { useStatistics } from "../roi/use-statistics";
import type { Entry, Trace } from "../store";
import { known, latencyOf } from "../time/latency";
import { truth } from "../truth";
import * as format from "../format";
import { Legend } from "./legend";
import { Pane } from "./pane";
import { Plot } from "./plot";
import type { Session } from "./session";
import { useReadings } from "./use-readings";

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
  const count = Math.max(stream.series, all.length);
  const statistics = useStatistics(session, stream.id);
  const offered = statistics?.choose(all) ?? { traces: all, places: null };
  const matching = matches(offered.traces, filter.value);
  const lines = matching.slice(0, MOST_LINES);
  const places = lines.map((trace, index) => offered.places?.get(trace.series.name) ?? index);
  const groups = byUnit(lines, places);
  const { drawn, readAt, trouble } = useReadings(session, entry.key, stream.id, {
    rate: stream.rate,
    series: count,
  });

  const { stand } = playback.mode.value;
  const edgeMs = playback.edgeMs(roundBegan());
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
    trouble,
  });
  const units = [
    ...new Set(all.map(({ series }) => series.unit).filter((unit) => unit !== null && unit !== "")),
  ];
  const facts = [
    statistics === null ? format.plural(count, "series") : format.plural(statistics.regions, "region"),
    ...(units.length === 1 ? units : []),
    ...(statistics !== null && statistics.skipped > 0
      ? [`${format.plural(statistics.skipped, "frame")} not measured`]
      : []),
  ].join(" · ");
  return (
    <Pane
      session={session}
      entry={entry}
      truth={state}
      latency={latency}
      facts={facts}
      rateUnit="/s"
      rateNote={`${format.rate(stream.rate, "samples/s of one series")}\n${format.plural(stream.received, "message")} received`}
      controls={statistics !== null && <StatisticSelect id={stream.id} statistics={statistics} />}
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
          color={(index) => session.theme.value.color(places[index] ?? index)}
          unit={units.length === 1 ? null : undefined}
          total={offered.places === null ? count : offered.traces.length}
          matching={matching.length}
          filter={filter}
          filterable={(offered.places === null ? count : offered.traces.length) > MOST_LINES}
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
