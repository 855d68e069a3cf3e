/**
 * Samples to columns of pixels: however many points are in view, two values a column draw every
 * extreme of them where it was, within one pixel.
 */
import type { History } from "./history";

/** What uPlot draws: x in seconds, then a list per series; null is a gap, undefined is nothing. */
export type Columns = [number[], ...(number | null | undefined)[][]];

/**
 * Columns of `columnMs` from `fromMs` to `toMs`. They lie on a grid fixed to the epoch, so that
 * a scrolling picture does not shimmer. Values that cannot be drawn (NaN, infinities) are gaps.
 */
export function columns(
  histories: readonly History[],
  fromMs: number,
  toMs: number,
  columnMs: number,
): Columns {
  const first = Math.floor(fromMs / columnMs);
  const n = Math.max(1, Math.ceil(toMs / columnMs) - first);
  const x = new Array<number>(2 * n);
  for (let c = 0; c < n; c++) {
    x[2 * c] = ((first + c + 0.25) * columnMs) / 1000;
    x[2 * c + 1] = ((first + c + 0.75) * columnMs) / 1000;
  }
  return [x, ...histories.map((history) => fill(history, first, n, columnMs))];
}

function fill(history: History, first: number, n: number, columnMs: number): (number | null | undefined)[] {
  const slots = new Array<number | null | undefined>(2 * n).fill(undefined);
  // One point on either side of the view, so that lines run out of it.
  const start = Math.max(0, history.indexAt(first * columnMs) - 1);
  const end = Math.min(history.length, history.indexAt((first + n) * columnMs) + 1);
  const pauseMs = history.pauseMs();
  let column = -1;
  let extremes = new Extremes();
  for (let i = start; i < end; i++) {
    const c = Math.min(n - 1, Math.max(0, Math.floor(history.time(i) / columnMs) - first));
    if (c !== column) {
      if (column >= 0) extremes.write(slots, column);
      if (c > column + 1 && i > start && history.time(i) - history.time(i - 1) > pauseMs)
        slots.fill(null, 2 * (column + 1), 2 * c);
      column = c;
      extremes = new Extremes();
    }
    extremes.add(history.value(i));
  }
  if (column >= 0) extremes.write(slots, column);
  return slots;
}

/** Lowest and highest value of one column, in the order in which they came. */
class Extremes {
  private min = Infinity;
  private max = -Infinity;
  private maxLast = true;
  private gapFirst = false;
  private gapLast = false;
  private empty = true;

  add(v: number): void {
    const drawable = Number.isFinite(v);
    if (this.empty) this.gapFirst = !drawable;
    this.empty = false;
    this.gapLast = !drawable;
    if (!drawable) return;
    if (v < this.min) {
      this.min = v;
      this.maxLast = false;
    }
    if (v > this.max) {
      this.max = v;
      this.maxLast = true;
    }
  }

  write(slots: (number | null | undefined)[], column: number): void {
    const [a, b] = this.pair();
    slots[2 * column] = a;
    slots[2 * column + 1] = b;
  }

  private pair(): [number | null, number | null | undefined] {
    if (this.min > this.max) return [null, null];
    if (this.gapFirst) return [null, this.max];
    if (this.gapLast) return [this.min, null];
    if (this.min === this.max) return [this.min, undefined];
    return this.maxLast ? [this.min, this.max] : [this.max, this.min];
  }
}
