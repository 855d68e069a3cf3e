/** Which line is which, and its newest value. */
import type { Signal } from "@preact/signals";
import type { Trace } from "../store";
import * as format from "../format";

/** More series than this are written smaller and closer. */
const DENSE = 6;

/** Names up to this length are written whole, characters. */
const LONGEST_NAME = 28;

interface Props {
  traces: readonly Trace[];
  color: (index: number) => string;
  /** Null when the one unit of all is told elsewhere. */
  unit: null | undefined;
  total: number;
  matching: number;
  filter: Signal<string>;
  filterable: boolean;
}

export function Legend({ traces, color, unit, total, matching, filter, filterable }: Props) {
  const longest = Math.max(0, ...traces.map(({ series }) => series.name.length));
  return (
    <div class={`legend ${traces.length > DENSE ? "dense" : ""}`}>
      {filterable && (
        <div class="legend-filter">
          <input
            type="search"
            placeholder="find a series"
            aria-label="show only series whose name contains"
            value={filter.value}
            onInput={(event) => (filter.value = event.currentTarget.value)}
          />
          <span>
            showing {format.count(traces.length)} of{" "}
            {format.count(filter.value.trim() === "" ? total : matching)}
          </span>
        </div>
      )}
      <ul style={{ "--name": Math.min(longest, LONGEST_NAME) }}>
        {traces.map(({ series, history }, index) => (
          <li key={series.id} title={series.unit === null ? series.name : `${series.name} (${series.unit})`}>
            <i style={{ background: color(index) }} />
            <span class="series-name">{series.name}</span>
            <output>{format.value(history.lastValue, unit === null ? null : series.unit)}</output>
          </li>
        ))}
      </ul>
    </div>
  );
}
