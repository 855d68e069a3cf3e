/**
 * Colours of every value that 8 or 16 bits can hold, looked up instead of calculated: as `lut.rs` of the runner's crate
 * `pixels`, so that both draw the same. Pure.
 *
 * Values of more bits are looked up by their *place* in the window: 256 places to a grey level, and one each at the ends
 * for what is highlighted.
 */
import type { Dtype, Elements } from "./dtype";
import type { Look, Window } from "./look";
import { palette } from "./palette";

/** At or below the highlight's zero, wherever in the window. */
const ZERO = 0;
export const BLACK = 1;
/** 256 places to a level, so that levels begin at a place. */
export const WHITE = BLACK + 255 * 256;
/** At or above the highlight's saturation. */
const SATURATED = 0xffff;

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;

/** How an element finds its entry. */
export type Lookup =
  /** Its bits are the index. */
  | "bits"
  /** Single precision is enough to find its place: the graphics processor does. */
  | "float"
  /** Its place takes double precision, which no graphics processor has. */
  | "place";

export function lookupOf(dtype: Dtype, window: Window): Lookup {
  switch (dtype) {
    case "bool":
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
      return "bits";
    case "float32": {
      const moderate = (value: number) => Math.abs(value) >= 1e-30 && Math.abs(value) < 1e30;
      const { black } = window;
      return moderate(perUnit(window)) && (black === 0 || moderate(black)) ? "float" : "place";
    }
    case "uint32":
    case "int32":
    case "float64":
      return "place";
  }
}

/** Places per unit of the values. */
export function perUnit({ black, white }: Window): number {
  return (WHITE - BLACK) / (white - black);
}

/** Red, green, blue and 255 of every index. */
export function tableOf(look: Look, dtype: Dtype): Uint8Array<ArrayBuffer> {
  const entries = dtype === "bool" || dtype === "uint8" || dtype === "int8" ? 1 << 8 : 1 << 16;
  const signed = dtype === "int8" || dtype === "int16";
  const wide = dtype.endsWith("32") || dtype === "float64";
  const first = signed ? -entries / 2 : 0;
  const indexOf = (value: number) => Math.min(entries, Math.max(0, value - first));
  const starts = startsOf(wide ? { black: BLACK, white: WHITE } : look.window, look.gamma).map(indexOf);
  const colours = palette(look.colormap);
  // In the order of values, of which each level is a run.
  const table = new Uint32Array(entries);
  for (let level = 0; level < 256; level++) {
    const [r = 0, g = 0, b = 0] = colours.subarray(3 * (look.invert ? 255 - level : level));
    table.fill(pack([r, g, b]), starts[level], starts[level + 1] ?? entries);
  }
  if (look.highlight !== null) {
    const { zero, saturated } = wide ? { zero: ZERO, saturated: SATURATED } : look.highlight;
    table.fill(pack(BLUE), 0, indexOf(Math.floor(zero) + 1));
    table.fill(pack(RED), indexOf(Math.ceil(saturated)));
  }
  // Whatever is not zero is true.
  if (dtype === "bool") table.fill(table[1] ?? 0, 1);
  const bytes = new Uint8Array(table.buffer);
  // From the order of values to the order of bits.
  return signed ? rotated(bytes) : bytes;
}

/** One after the other in memory. */
function pack([r, g, b]: readonly [number, number, number]): number {
  return (r | (g << 8) | (b << 16) | (255 << 24)) >>> 0;
}

/** With its halves exchanged. */
function rotated(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const half = bytes.length / 2;
  const turned = new Uint8Array(bytes.length);
  turned.set(bytes.subarray(half));
  turned.set(bytes.subarray(0, half), half);
  return turned;
}

/** The least whole number of each grey level: levels ascend with values. */
function startsOf({ black, white }: Window, gamma: number): number[] {
  return Array.from({ length: 256 }, (_, level) => {
    if (level === 0) return -Infinity;
    return Math.ceil(leastOf(level, { black, white }, gamma));
  });
}

/** A value has the level that its own rounds to, so this one from a half below it on; black itself is of level 0. */
export function leastOf(level: number, { black, white }: Window, gamma: number): number {
  const place = ((level - 0.5) / 255) ** (1 / gamma);
  return Math.max(black + place * (white - black), nextUp(black));
}

/**
 * Places of elements, worked out in single or in double precision; NaN is black. Highlighted ones are beside the window,
 * wherever they would be in it.
 */
export function placesOf(
  elements: Elements,
  { window, highlight }: Look,
  single: boolean,
): Uint16Array<ArrayBuffer> {
  const places = new Uint16Array(elements.length);
  const { fround } = Math;
  const round = single ? fround : (value: number) => value;
  const [black, scale] = [round(window.black), round(perUnit(window))];
  const [zero, saturated] = [highlight?.zero ?? -Infinity, highlight?.saturated ?? Infinity];
  const marked = highlight !== null;
  for (let i = 0; i < elements.length; i++) {
    const value = elements[i] ?? NaN;
    if (marked && value >= saturated) places[i] = SATURATED;
    else if (marked && value <= zero) places[i] = ZERO;
    else places[i] = placed(fround(round(value - black) * scale));
  }
  return places;
}

/** A place that counts from the window's black, as an index. */
export function placed(fromBlack: number): number {
  // Not Math.max: NaN is black.
  const clipped = fromBlack > 0 ? Math.min(fromBlack, WHITE - BLACK) : 0;
  return roundEven(clipped) + BLACK;
}

/** To the nearest whole number, and to the even one of two, as processors do. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const above = value - floor;
  return above > 0.5 || (above === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The next larger double. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const double = new Float64Array([value]);
  const bits = new BigInt64Array(double.buffer);
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? 1n : -1n);
  return double[0] ?? value;
}

/** The largest single-precision number that is not above, and the smallest that is not below. */
export function singleBelow(value: number): number {
  const near = Math.fround(value);
  return near > value ? -singleAfter(-near) : near;
}

export function singleAbove(value: number): number {
  const near = Math.fround(value);
  return near < value ? singleAfter(near) : near;
}

function singleAfter(value: number): number {
  if (value === 0) return 2 ** -149;
  const single = new Float32Array([value]);
  const bits = new Int32Array(single.buffer);
  bits[0] = (bits[0] ?? 0) + (value > 0 ? 1 : -1);
  return single[0] ?? value;
}
