/** Which series share an axis: those of one unit. Bytes would flatten per cents to a line. */
import type { Trace } from "../store";

/** Series of one unit, each with its place among the colours. */
export interface Group {
  /** Null for numbers without a unit. */
  unit: string | null;
  traces: readonly Trace[];
  places: readonly number[];
}

/** Groups in the order in which their units first appear. `places` are those of the traces among the colours. */
export function byUnit(traces: readonly Trace[], places: readonly number[]): Group[] {
  const groups = new Map<string | null, { traces: Trace[]; places: number[] }>();
  traces.forEach((trace, index) => {
    const unit = trace.series.unit === "" ? null : trace.series.unit;
    const group = groups.get(unit) ?? { traces: [], places: [] };
    group.traces.push(trace);
    group.places.push(places[index] ?? index);
    groups.set(unit, group);
  });
  return [...groups].map(([unit, group]) => ({ unit, ...group }));
}
