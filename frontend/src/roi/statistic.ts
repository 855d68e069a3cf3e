/** Which series of the regions of a stream are shown: of every region the one statistic that is chosen. Pure. */
import { oneOf } from "../json";
import type { Kind } from "../memory";
import type { Trace } from "../store";
import { FRAME_PLACE, placesOf } from "./color";

export const STATISTICS = [
  ["mean", "mean"],
  ["dff", "ΔF/F"],
  ["min", "min"],
  ["max", "max"],
  ["sum", "sum"],
  ["std", "std"],
] as const;
export type Statistic = (typeof STATISTICS)[number][0];

/** Name of the whole frame among the regions. */
export const FRAME = "frame";

const ENDING = ".roi";

/** Id of the metric stream that holds the regions of a frame stream. */
export function seriesOf(frames: string): string {
  return frames + ENDING;
}

/** Id of the frame stream whose regions a metric stream holds; null for other metric streams. */
export function framesOf(metrics: string): string | null {
  return metrics.endsWith(ENDING) ? metrics.slice(0, -ENDING.length) : null;
}

/** Traces in the order in which they are listed, and the places of their series among the colours. */
export interface Choice {
  traces: readonly Trace[];
  places: ReadonlyMap<string, number>;
}

/**
 * The statistic of the frame, if there is one, and of each of these regions. Without regions all that there is of the
 * frame.
 */
export function choose(traces: readonly Trace[], statistic: Statistic, rois: readonly string[]): Choice {
  const places = new Map<string, number>();
  if (rois.length === 0)
    STATISTICS.forEach(([key], index) => places.set(`${FRAME}.${key}`, FRAME_PLACE - index));
  else places.set(`${FRAME}.${statistic}`, FRAME_PLACE);
  for (const [name, place] of placesOf(rois)) places.set(`${name}.${statistic}`, place);
  const byName = new Map(traces.map((trace) => [trace.series.name, trace]));
  return { places, traces: [...places.keys()].flatMap((name) => byName.get(name) ?? []) };
}

/** The statistic that is shown, as it is kept in the browser. */
export const KEPT: Kind<Statistic> = {
  name: "statistic",
  version: 1,
  empty: "mean",
  read: ({ statistic }) =>
    oneOf(
      STATISTICS.map(([key]) => key),
      statistic,
      "statistic",
    ),
  write: (statistic) => ({ statistic }),
};
