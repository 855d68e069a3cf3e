/**
 * What colour every pixel has to have, worked out value by value from the formulas of docs/protocol.md, section 5, and of
 * the runner's crate `pixels`: without a table and without a graphics processor, for tests to hold both to. Stands alone,
 * so that tests of any kind can load it.
 */

export interface Picture {
  /** NumPy's name of the type of the values. */
  dtype: string;
  channels: number;
  /** Pixel after pixel, channels together. */
  data: ArrayLike<number>;
}

export interface Seen {
  window: { black: number; white: number };
  gamma: number;
  invert: boolean;
  highlight: { zero: number; saturated: number } | null;
  /** Red, green and blue of the levels 0 to 255. */
  palette: ArrayLike<number>;
}

/** Values of more than 16 bits have a place in the window, 256 to a level. */
const PLACES = { black: 1, white: 1 + 255 * 256 };

/** Red, green, blue and 255 of every pixel. */
export function reference({ dtype, channels, data }: Picture, seen: Seen): Uint8ClampedArray<ArrayBuffer> {
  const count = data.length / channels;
  const colours = new Uint8ClampedArray(4 * count).fill(255);
  const levelOf = levels(dtype, seen);
  const level = (value: number) => (seen.invert ? 255 - levelOf(value) : levelOf(value));
  for (let pixel = 0; pixel < count; pixel++) {
    const value = data[pixel * channels] ?? NaN;
    const marks = channels > 1 ? null : marked(value, dtype, seen);
    for (let c = 0; c < 3; c++) {
      const shown =
        channels > 1 ? level(data[pixel * channels + c] ?? NaN) : seen.palette[3 * level(value) + c];
      colours[4 * pixel + c] = marks?.[c] ?? shown ?? NaN;
    }
  }
  return colours;
}

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];

/** Red where it is saturated, blue where it is zero or below; null elsewhere. */
function marked(value: number, dtype: string, { highlight }: Seen): number[] | null {
  if (highlight === null) return null;
  const seen = dtype === "bool" ? Math.min(value, 1) : value;
  if (seen >= highlight.saturated) return RED;
  return seen <= highlight.zero ? BLUE : null;
}

/** The grey level of a value: how many of the levels 1 to 255 begin at it or before. Black itself is of level 0. */
function levels(dtype: string, { window, gamma }: Seen): (value: number) => number {
  const wide = !["bool", "uint8", "int8", "uint16", "int16"].includes(dtype);
  const { black, white } = wide ? PLACES : window;
  // The level before rounding is 255 times the place in the window to the power of gamma.
  const least = (level: number) => black + ((level - 0.5) / 255) ** (1 / gamma) * (white - black);
  const starts = Float64Array.from({ length: 256 }, (_, level) => (level === 0 ? -Infinity : least(level)));
  return (value) => {
    const x = wide ? place(value, dtype, window) : dtype === "bool" ? Math.min(value, 1) : value;
    if (x <= black) return 0;
    // Starts ascend.
    let [level, beyond] = [0, 256];
    while (beyond - level > 1) {
      const middle = (level + beyond) >> 1;
      if (x >= (starts[middle] ?? Infinity)) level = middle;
      else beyond = middle;
    }
    return level;
  };
}

/** NaN is black. float32 is placed in single precision unless that cannot hold the window, all others in double. */
function place(value: number, dtype: string, { black, white }: Seen["window"]): number {
  if (Number.isNaN(value)) return PLACES.black;
  const scale = (PLACES.white - PLACES.black) / (white - black);
  const moderate = (x: number) => Math.abs(x) >= 1e-30 && Math.abs(x) < 1e30;
  const single = dtype === "float32" && moderate(scale) && (black === 0 || moderate(black));
  const { fround } = Math;
  const from = single
    ? fround(fround(fround(value) - fround(black)) * fround(scale))
    : fround((value - black) * scale);
  const clipped = Math.min(PLACES.white - PLACES.black, Math.max(0, from));
  // To the nearest, and of two to the even one: what a float has no room for is rounded so.
  return fround(clipped + 2 ** 23) - 2 ** 23 + PLACES.black;
}
