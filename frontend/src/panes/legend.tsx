/** Which line is which, and its newest value. */
import type { Signal } from "@preact/signals";
import type { Trace } from "../store";
import * as format from "../format";

interface Props {
  traces: readonly Trace[];
  color: (index: number) => string;
  total: number;
  matching: number;
  filter: Signal<string>;
  filterable: boolean;
}

export function Legend({ traces, color, total, matching, filter, filterable }: Props) {
  return (
    <div class="legend">
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
      <ul>
        {traces.map(({ series, history }, index) => (
          <li key={series.id} title={series.unit === null ? series.name : `${series.name} (${series.unit})`}>
            <i style={{ background: color(index) }} />
            <span class="series-name">{series.name}</span>
            <output>{format.value(history.lastValue, series.unit)}</output>
          </li>
        ))}
      </ul>
    </div>
  );
}
