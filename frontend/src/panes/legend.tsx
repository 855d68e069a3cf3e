/** Which line is which, and its value at the cursor. */
import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Trace } from "../store";
import type { Reading } from "../time/reading";
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
  /** What a trace says at the cursor. */
  read: (trace: Trace) => Reading | null;
  /** Calls back, until the returned function is called, whenever another value may be read. */
  onMoment: (listener: () => void) => () => void;
}

export function Legend(props: Props) {
  const { traces, color, total, matching, filter, filterable, onMoment } = props;
  const list = useRef<HTMLUListElement>(null);
  const latest = useRef(props);
  latest.current = props;
  // With every frame: the values go past the components, straight into their elements.
  const write = (): void => {
    const { traces, unit, read } = latest.current;
    traces.forEach((trace, index) => {
      const output = list.current?.children[index]?.lastElementChild;
      if (output instanceof HTMLElement) show(output, read(trace), unit === null ? null : trace.series.unit);
    });
  };
  useEffect(() => onMoment(write), []);
  useLayoutEffect(write);
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
      <ul ref={list} style={{ "--name": Math.min(longest, LONGEST_NAME) }}>
        {traces.map(({ series }, index) => (
          <li
            key={series.id}
            data-series={series.name}
            title={series.unit === null ? series.name : `${series.name} (${series.unit})`}
          >
            <i style={{ background: color(index) }} />
            <span class="series-name">{series.name}</span>
            <output />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Writes what changed, and only that. */
export function show(output: HTMLElement, reading: Reading | null, unit: string | null): void {
  const { dataset } = output;
  const t = reading === null ? "" : String(reading.t);
  if (dataset["tMs"] !== t) dataset["tMs"] = t;
  const value = reading === null ? "" : String(reading.v);
  if (dataset["value"] === value && dataset["unit"] === (unit ?? "")) return;
  dataset["value"] = value;
  dataset["unit"] = unit ?? "";
  const text = format.value(reading?.v ?? null, unit);
  if (output.firstChild === null) output.append(text);
  else output.firstChild.nodeValue = text;
}
