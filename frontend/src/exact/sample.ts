/** Some values of a frame, spread evenly over it, and windows from them: as the runner's crate `pixels`. Pure. */
import type { Limits } from "../display/settings";
import { windowOf, type Window } from "./look";
import type { Pixels } from "./pixels";

/** Values that say nothing about the scene. NaN and infinities never do. */
export interface Ignore {
  zero: boolean;
  /** This and everything above; null for none. */
  saturated: number | null;
}

/** Values of about so many pixels; others from frame to frame. Of RGBA, alpha is none. */
export function sample(pixels: Pixels, most: number, ignore: Ignore): Float64Array {
  const { width, height, channels, data, dtype, frame } = pixels;
  const all = width * height;
  const step = stepOf(all, most, width);
  const colours = Math.min(channels, 3);
  const saturated = ignore.saturated ?? Infinity;
  const values = new Float64Array(Math.ceil(all / step) * colours);
  let count = 0;
  for (let pixel = (frame.seq ?? 0) % step; pixel < all; pixel += step) {
    for (let c = 0; c < colours; c++) {
      let value = data[pixel * channels + c] ?? NaN;
      if (dtype === "bool") value = Math.min(value, 1);
      if (!Number.isFinite(value) || (ignore.zero && value === 0) || value >= saturated) continue;
      values[count++] = value;
    }
  }
  return values.subarray(0, count);
}

/** Between two percentiles (nearest rank); of equal values, one that begins at them; null of none. Sorts them. */
export function between(values: Float64Array, limits: Limits): Window | null {
  if (values.length === 0) return null;
  return orConstant(...ends(values, limits));
}

/** Both percentiles. Sorts the values. */
function ends(values: Float64Array, [low, high]: Limits): [low: number, high: number] {
  values.sort();
  const at = (percent: number) => values[Math.round((percent / 100) * (values.length - 1))] ?? NaN;
  return [at(low), at(high)];
}

function orConstant(black: number, white: number): Window | null {
  return windowOf(black, white) ?? windowOf(black, black + Math.max(1, Math.abs(black)));
}

/** Distance between the pixels of a sample: no divisor in common with the width, or only some columns would be seen. */
function stepOf(all: number, most: number, width: number): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let step = Math.max(1, Math.floor(all / most));
  while (gcd(step, width) !== 1) step++;
  return step;
}

const EVERYTHING: Ignore = { zero: false, saturated: null };
/** Capture time that is watched, ms, values looked at per frame, and values kept. */
const WATCHED_MS = 1000;
const PER_FRAME = 4096;
const MOST_KEPT = 65_536;
const TAIL: Limits = [0.1, 99.9];

/**
 * The window of values that come without a range: settles on that of the stream's first second. A picture of one value, of
 * a closed shutter say, teaches nothing: it watches on.
 */
export class Estimate {
  private kept: Float64Array[] = [];
  private count = 0;
  private firstMs: number | null = null;
  private seq: number | null = null;
  private settled: Window | null = null;
  private latest: Window | null = null;

  window(pixels: Pixels): Window | null {
    const { captureMs, seq } = pixels.frame;
    if (this.settled !== null || seq === this.seq) return this.settled ?? this.latest;
    this.seq = seq;
    this.firstMs ??= captureMs;
    const values = sample(pixels, PER_FRAME, EVERYTHING);
    this.kept.push(values);
    this.count += values.length;
    const all = new Float64Array(this.count);
    this.kept.reduce((offset, some) => (all.set(some, offset), offset + some.length), 0);
    const [low, high] = ends(all, TAIL);
    this.latest = orConstant(low, high);
    if (captureMs - this.firstMs >= WATCHED_MS || this.count >= MOST_KEPT) {
      if (low < high) this.settled = this.latest;
      this.kept = [];
      this.count = 0;
      this.firstMs = null;
    }
    return this.latest;
  }
}
