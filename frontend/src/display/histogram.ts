/** How often values occur, where they are drawn, and what a place or a key on the drawing means. Pure. */
import { list, number, optional, parsed, string, type Parsed } from "../json";
import type { Limits } from "./settings";

/** Values of one frame, or of a sample of it, in bins of one width. */
export interface Histogram {
  /** Where the first bin begins and the last one ends; null while there is nothing to count. */
  range: Limits | null;
  counts: number[];
  below: number;
  above: number;
  /** Values that are no numbers. */
  nan: number;
  seq: number | null;
  session: string | null;
  /** Capture time, ms since the Unix epoch. */
  t_ms: number | null;
}

/** Parses the answer of `/api/v1/streams/{id}/histogram`. */
export function parseHistogram(text: string): Parsed<Histogram> {
  return parsed(text, (h) => {
    const min = optional(h["min"], "min", number);
    const max = optional(h["max"], "max", number);
    return {
      range: min === null || max === null ? null : [min, max],
      counts: list(h["counts"], "counts", number),
      below: optional(h["below"], "below", number) ?? 0,
      above: optional(h["above"], "above", number) ?? 0,
      nan: optional(h["nan"], "nan", number) ?? 0,
      seq: optional(h["seq"], "seq", number),
      session: optional(h["session"], "session", string),
      t_ms: optional(h["t_ms"], "t_ms", number),
    };
  });
}

/** From the first to the last bin that holds something. */
export function occupied({ range, counts }: Pick<Histogram, "range" | "counts">): Limits | null {
  const first = counts.findIndex((count) => count > 0);
  if (range === null || first < 0) return range;
  const last = counts.findLastIndex((count) => count > 0);
  const bin = (range[1] - range[0]) / counts.length;
  return [range[0] + first * bin, range[0] + (last + 1) * bin];
}

/** Room at each end, in widths of what is to be seen. */
const ROOM = 0.04;
/** An axis stays as long as what is to be seen fills so much of it. */
const FILLED = 0.6;

/** What is to be seen: the values, and the window as far as it does not make them a line. */
export function needed(values: Limits | null, window: Limits | null): Limits {
  if (values === null || !(values[1] > values[0])) {
    const [min, max] = window ?? values ?? [0, 1];
    if (max > min) return [Math.min(min, values?.[0] ?? min), Math.max(max, values?.[1] ?? max)];
    // All values are one.
    const half = Math.max(0.5, Math.abs(min) * 0.05);
    return [min - half, min + half];
  }
  const [from, to] = values;
  if (window === null) return values;
  const width = to - from;
  const within = (value: number) => Math.min(to + width, Math.max(from - width, value));
  return [Math.min(from, within(window[0])), Math.max(to, within(window[1]))];
}

/** The axis for that: the present one if it does, so that nothing moves with the noise of a frame. */
export function settle(present: Limits | null, [from, to]: Limits): Limits {
  if (present !== null && present[0] <= from && to <= present[1]) {
    if (to - from >= FILLED * (present[1] - present[0])) return present;
  }
  const room = ROOM * (to - from);
  return [from - room, to + room];
}

/** Place of a value on an axis, 0 to 1; beyond an end it is that end. */
export function placeOf([from, to]: Limits, value: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** The smallest distance of two limits that means something on an axis; whole numbers are 1 apart at least. */
export function stepOf([from, to]: Limits, whole: boolean): number {
  const step = 10 ** Math.floor(Math.log10((to - from) / 200));
  return whole ? Math.max(1, step) : step;
}

/** Value at a place of an axis, rounded to a step. */
export function valueAt([from, to]: Limits, place: number, step: number): number {
  return rounded(from + Math.min(1, Math.max(0, place)) * (to - from), step);
}

/** A multiple of a step, without the dust of binary fractions. */
function rounded(value: number, step: number): number {
  const digits = Math.min(100, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const multiple = Math.round(value / step) * step;
  // No negative zero.
  return (digits > 0 ? Number(multiple.toFixed(digits)) : multiple) || 0;
}

/** Which end of a window. */
export type End = "min" | "max";

/** The end that a place means: the nearer one; of two at one place the one that can go there. */
export function endAt(axis: Limits, [min, max]: Limits, place: number): End {
  const toMin = Math.abs(place - placeOf(axis, min));
  const toMax = Math.abs(place - placeOf(axis, max));
  if (toMin === toMax) return place < placeOf(axis, min) ? "min" : "max";
  return toMin < toMax ? "min" : "max";
}

/** The window with one end at a value; the ends keep a step apart, and the other one does not move. */
export function moved([min, max]: Limits, end: End, value: number, step: number): Limits {
  return end === "min" ? [Math.min(value, max - step), max] : [min, Math.max(value, min + step)];
}

/** Where a key moves a limit to; null for other keys. */
export function pressed(
  key: string,
  shiftKey: boolean,
  value: number,
  axis: Limits,
  step: number,
): number | null {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[key];
  if (steps !== undefined) return rounded(value + steps * step * (shiftKey ? 10 : 1), step);
  if (key === "Home") return valueAt(axis, 0, step);
  if (key === "End") return valueAt(axis, 1, step);
  return null;
}

/** Part of the height that each column of pixels fills, 0 to 1. */
export function columns(
  { range, counts }: Pick<Histogram, "range" | "counts">,
  [from, to]: Limits,
  width: number,
  scale: "linear" | "log",
): Float32Array {
  const heights = new Float32Array(width);
  if (range === null || counts.length === 0) return heights;
  const height = scale === "log" ? Math.log1p : (count: number) => count;
  const whole = height(counts.reduce((most, count) => Math.max(most, count), 0)) || 1;
  const perValue = width / (to - from);
  const bin = (range[1] - range[0]) / counts.length;
  counts.forEach((count, index) => {
    if (count <= 0) return;
    // A bin narrower than a pixel still fills one; several in one pixel show the highest.
    const first = Math.floor((range[0] + index * bin - from) * perValue);
    const end = Math.max(first + 1, Math.floor((range[0] + (index + 1) * bin - from) * perValue));
    for (let x = Math.max(0, first); x < Math.min(width, end); x++)
      heights[x] = Math.max(heights[x] ?? 0, height(count) / whole);
  });
  return heights;
}
