import { expect, test } from "vitest";
import { colour, COLORMAPS, strip } from "./colormaps";

const linear = (colormap: string) => ({ colormap, gamma: 1, invert: false });

/** Red, green and blue of `rgb(…)` or `#…`. */
function channels(css: string): number[] {
  const hex = /^#(..)(..)(..)$/.exec(css);
  if (hex !== null) return hex.slice(1).map((digits) => parseInt(digits, 16));
  return [...css.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

test.each([
  ["gray", [0, 0, 0], [255, 255, 255]],
  ["viridis", [68, 1, 84], [253, 231, 37]],
  ["magma", [0, 0, 4], [252, 253, 191]],
  ["inferno", [0, 0, 4], [252, 255, 164]],
  ["plasma", [13, 8, 135], [240, 249, 33]],
  ["green", [0, 0, 0], [0, 255, 0]],
  ["red", [0, 0, 0], [255, 0, 0]],
  ["hot", [11, 0, 0], [255, 255, 255]],
])("%s has the first and the last colour that were published", (name, first, last) => {
  expect(channels(colour(0, linear(name)))).toEqual(first);
  expect(channels(colour(1, linear(name)))).toEqual(last);
});

test("every one offered has colours of its own", () => {
  const colours = COLORMAPS.map((name) => colour(0.6, linear(name)));
  expect(new Set(colours).size).toBe(COLORMAPS.length);
  for (const css of colours) expect(channels(css)).toHaveLength(3);
});

test("gamma bends and invert turns the colours, as they do the picture's", () => {
  expect(channels(colour(0.5, { colormap: "gray", gamma: 2, invert: false }))).toEqual([64, 64, 64]);
  expect(channels(colour(0.5, { colormap: "gray", gamma: 2, invert: true }))).toEqual([191, 191, 191]);
  expect(channels(colour(0, { colormap: "green", gamma: 0.5, invert: true }))).toEqual([0, 255, 0]);
});

test("one that the page does not know is drawn grey", () => {
  expect(channels(colour(1, linear("toString")))).toEqual([255, 255, 255]);
});

test("a strip goes from one place to the other", () => {
  const css = strip(linear("gray"), 20, 60);
  expect(css).toMatch(/^linear-gradient\(to right, rgb\(0, 0, 0\) 20\.00%/);
  expect(css).toMatch(/rgb\(255, 255, 255\) 60\.00%\)$/);
});
