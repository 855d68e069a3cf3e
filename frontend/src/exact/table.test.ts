import { expect, test, vi } from "vitest";
import { fullRange, type Dtype, type Elements } from "./dtype";
import type { Look } from "./look";
import { palette } from "./palette";
import type { Pixels } from "./pixels";
import { paint } from "./processor";
import { reference } from "./reference";
import { coloursOf } from "./renderer";
import { lookupOf, placed, singleAbove, singleBelow } from "./table";

// Thousands of values, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const plain: Look = {
  window: { black: 0, white: 1 },
  gamma: 1,
  colormap: "gray",
  invert: false,
  highlight: null,
};

/** Colours as they are drawn without a graphics processor. */
function drawn(data: Elements, dtype: Dtype, look: Look, channels: 1 | 3 | 4 = 1): Uint8ClampedArray {
  const size = { width: data.length / channels, height: 1 };
  const frame = { session: null, seq: null, captureMs: 0, mediaUs: null };
  const pixels: Pixels = {
    ...{ frame, size, region: { x: 0, y: 0, ...size }, factor: 1 },
    ...{ ...size, channels, dtype, data },
  };
  const out = new Uint32Array(size.width);
  paint(out, pixels, coloursOf(pixels, look, null));
  return new Uint8ClampedArray(out.buffer);
}

/** The first value whose colours differ; null for none. */
function wrong(data: Elements, dtype: Dtype, look: Look): string | null {
  const [got, wanted] = [drawn(data, dtype, look), expected(data, dtype, look)];
  const at = got.findIndex((colour, i) => colour !== wanted[i]);
  if (at < 0 && got.length === wanted.length) return null;
  const colour = (colours: Uint8ClampedArray) => colours.slice(at - (at % 4), at - (at % 4) + 4).join(" ");
  return `${dtype} ${data[at >> 2] ?? NaN}: ${colour(got)}, expected ${colour(wanted)}; ${JSON.stringify(look)}`;
}

function expected(data: Elements, dtype: Dtype, look: Look): Uint8ClampedArray {
  return reference({ dtype, channels: 1, data }, { ...look, palette: palette(look.colormap) });
}

const LOOKS: Partial<Look>[] = [
  {},
  { gamma: 0.45 },
  { gamma: 2.2, invert: true },
  { colormap: "viridis" },
  { colormap: "hot", gamma: 0.05 },
  { colormap: "turbo", gamma: 20, invert: true },
];

const every = <T extends Elements>(type: new (length: number) => T, count: number, first: number): T =>
  new type(count).map((_, i) => first + i) as T;

test.each([
  ["uint8", every(Uint8Array, 256, 0), [[0, 255] as const, [10.5, 10.75] as const, [-300, 300] as const]],
  ["int8", every(Int8Array, 256, -128), [[-128, 127] as const, [-3, 9] as const]],
  ["bool", every(Uint8Array, 256, 0), [[0, 1] as const]],
  ["uint16", every(Uint16Array, 65_536, 0), [[0, 65_535] as const, [100, 1023] as const, [0, 510] as const]],
  ["int16", every(Int16Array, 65_536, -32_768), [[-32_768, 32_767] as const, [-200.25, 900] as const]],
] as const)("every value of %s has its colour", (dtype, data, windows) => {
  for (const [black, white] of windows) {
    for (const look of LOOKS) {
      const whole = { ...plain, ...look, window: { black, white } };
      expect(wrong(data, dtype, whole)).toBeNull();
    }
  }
});

test.each(["uint8", "int8", "bool", "uint16", "int16"] as const)("%s is marked at its ends", (dtype) => {
  const [min, max] = fullRange(dtype) ?? [0, 1];
  const data =
    dtype === "uint16"
      ? every(Uint16Array, 65_536, 0)
      : dtype === "int16"
        ? every(Int16Array, 65_536, -32_768)
        : dtype === "int8"
          ? every(Int8Array, 256, -128)
          : every(Uint8Array, 256, 0);
  for (const [zero, saturated] of [
    [min, max],
    [min - 1, max + 1],
    [min + 0.5, max - 0.5],
    [1, 90.25],
  ] as const) {
    if (zero >= saturated) continue;
    const look = { ...plain, window: { black: min, white: max }, highlight: { zero, saturated } };
    expect(wrong(data, dtype, look)).toBeNull();
  }
});

const HARD = [NaN, Infinity, -Infinity, 0, -0, 1e-40, 1, 0.5, -0.02, 0.4, 0.4000001, 3e38, -3e38];

test("values of more bits have the colour of their place", () => {
  let seed = 11;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const singles = new Float32Array([...HARD, ...Array.from({ length: 500 }, () => random() * 0.6 - 0.1)]);
  const doubles = Float64Array.from(singles, (value) => value * (1 + 2 ** -40));
  const whole = new Uint32Array(500).map(() => random() * 2 ** 32);
  const signed = new Int32Array(500).map(() => (random() - 0.5) * 2 ** 32);
  for (const [dtype, data, black, white] of [
    ["float32", singles, -0.02, 0.4],
    ["float32", singles, 0, 1e-38],
    ["float64", doubles, -0.02, 0.4],
    ["float64", doubles, -1e300, 1e300],
    ["uint32", whole, 0, 2 ** 32 - 1],
    ["uint32", whole, 4e9, 4e9 + 2],
    ["int32", signed, -(2 ** 31), 2 ** 31 - 1],
  ] as const) {
    for (const highlight of [null, { zero: 0, saturated: 0.39 }]) {
      for (const part of LOOKS) {
        const look = { ...plain, ...part, window: { black, white } };
        expect(wrong(data, dtype, { ...look, highlight })).toBeNull();
      }
    }
  }
});

test("channels are levels each, and alpha is none", () => {
  const data = every(Uint16Array, 4000, 0);
  const look = { ...plain, gamma: 0.5, invert: true, window: { black: 100, white: 3000 } };
  const picture = { ...look, palette: palette("gray") };
  for (const channels of [3, 4] as const) {
    const some = data.subarray(0, data.length - (data.length % channels));
    expect(drawn(some, "uint16", look, channels)).toEqual(
      reference({ dtype: "uint16", channels, data: some }, picture),
    );
  }
});

test("what the graphics processor can place is left to it, and nothing else", () => {
  const window = { black: -0.02, white: 0.4 };
  expect(lookupOf("float32", window)).toBe("float");
  expect(lookupOf("float32", { black: 0, white: 1 })).toBe("float");
  // Neither the window nor what it is multiplied by fits a float32.
  expect(lookupOf("float32", { black: 0, white: 1e-38 })).toBe("place");
  expect(lookupOf("float32", { black: 1e-35, white: 1 })).toBe("place");
  for (const dtype of ["uint32", "int32", "float64"] as const) expect(lookupOf(dtype, window)).toBe("place");
  for (const dtype of ["bool", "int8", "uint16"] as const) expect(lookupOf(dtype, window)).toBe("bits");
});

test("places are rounded to the even one, and NaN is black", () => {
  expect([NaN, -1, 0, 0.5, 1.5, 2.5, 1e9, Infinity].map(placed)).toEqual([1, 1, 1, 1, 3, 3, 65_281, 65_281]);
});

test("limits for single precision never mark more than they say", () => {
  expect(singleBelow(0.1)).toBeLessThanOrEqual(0.1);
  expect(singleAbove(0.1)).toBeGreaterThanOrEqual(0.1);
  expect(singleAbove(0.1) - singleBelow(0.1)).toBeLessThan(1e-8);
  for (const exact of [0, 0.5, -3, 4095]) {
    expect([singleBelow(exact), singleAbove(exact)]).toEqual([exact, exact]);
  }
  expect(singleBelow(-0.1)).toBeLessThan(-0.1);
  expect(singleAbove(1e-60)).toBe(2 ** -149);
  expect(singleBelow(-1e-60)).toBe(-(2 ** -149));
});

test("colours are those that were published", () => {
  // As in the tests of the runner: matplotlib's tables, times 255.
  for (const [colormap, levels] of [
    ["gray", [0, 0, 0, 128, 128, 128, 255, 255, 255]],
    ["viridis", [68, 1, 84, 33, 145, 140, 253, 231, 37]],
    ["magma", [0, 0, 4, 183, 55, 121, 252, 253, 191]],
    ["inferno", [0, 0, 4, 188, 55, 84, 252, 255, 164]],
    ["plasma", [13, 8, 135, 204, 71, 120, 240, 249, 33]],
    ["hot", [11, 0, 0, 255, 91, 0, 255, 255, 255]],
    ["green", [0, 0, 0, 0, 128, 0, 0, 255, 0]],
  ] as const) {
    const bytes = palette(colormap);
    const got = [0, 128, 255].flatMap((level) => [...bytes.subarray(3 * level, 3 * level + 3)]);
    got.forEach((value, i) => expect(Math.abs(value - (levels[i] ?? NaN)), colormap).toBeLessThanOrEqual(1));
  }
});
