/** Movies of patches of known values, and what is seen of them. */
import assert from "node:assert/strict";
import { writeNpy } from "./npy.js";
import { until } from "./until.js";

/** Of a patch, pixels. */
const WIDTH = 32;
const HEIGHT = 64;
/** Of the strip below, where patches of the same values move. */
const STRIP = 32;
const FRAMES = 8;

/** @typedef {readonly [min: number, max: number]} Window */
/** @typedef {readonly [red: number, green: number, blue: number]} Colour */

/**
 * Writes a movie: a row of patches, one for each value, and a strip in which they move.
 *
 * @template {import("./npy.js").Values} T
 * @param {string} path
 * @param {new (length: number) => T} type
 * @param {readonly number[]} values
 */
export function writePatches(path, type, values) {
  const [width, height] = [WIDTH * values.length, HEIGHT + STRIP];
  const movie = new type(FRAMES * height * width);
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let y = 0; y < height; y++) {
      const shift = y < HEIGHT ? 0 : (frame * width) / FRAMES;
      const row = Array.from({ length: width }, (_, x) => {
        const patch = Math.floor(((x + shift) % width) / WIDTH);
        return values[patch] ?? NaN;
      });
      movie.set(row, (frame * height + y) * width);
    }
  }
  return writeNpy(path, [FRAMES, height, width], movie);
}

/**
 * Colours of the middles of the patches on screen; null where there is no picture.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @param {string} id
 * @param {number} patches
 * @returns {Promise<Colour[] | null>}
 */
async function seen(viewer, id, patches) {
  // Four cells to a patch: those at its edges are blurred.
  const size = { width: 4 * patches, height: (HEIGHT + STRIP) / 16 };
  const picture = await viewer.pixels(id, size);
  if (picture === null) return null;
  const channel = (/** @type {number} */ x, /** @type {number} */ c) =>
    picture.rgb[(size.width + x) * 3 + c] ?? NaN;
  return Array.from({ length: patches }, (_, patch) => {
    const mean = (/** @type {number} */ c) => (channel(4 * patch + 1, c) + channel(4 * patch + 2, c)) / 2;
    return /** @type {const} */ ([mean(0), mean(1), mean(2)]);
  });
}

/**
 * Waits until every patch has its colour, give or take what a codec loses; null is any colour.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @param {string} id
 * @param {{ what: string, expected: readonly (Colour | null)[], within: number, withinMs: number }} how
 */
export async function shows(viewer, id, { what, expected, within, withinMs }) {
  /** @type {Colour[] | null} */
  let colours = null;
  const look = async () => {
    colours = await seen(viewer, id, expected.length);
    return (
      colours?.every(
        (colour, patch) =>
          expected[patch]?.every((value, c) => Math.abs(value - (colour[c] ?? NaN)) <= within) ?? true,
      ) ?? false
    );
  };
  await until(what, withinMs, look).catch(() => {
    const rounded = (/** @type {readonly (Colour | null)[] | null} */ list) =>
      list?.map((colour) => colour?.map(Math.round) ?? null) ?? null;
    assert.deepEqual(rounded(colours), rounded(expected), `${id} in vain: ${what}`);
    assert.fail(`${id} in vain, though nearly: ${what}`);
  });
}

/**
 * Grey levels of values by the display curve: the place in the window, 0 to 1, to the power of gamma. NaN is black.
 *
 * @param {readonly number[]} values
 * @param {Window} window
 * @param {{ gamma?: number, invert?: boolean }} [curve]
 * @returns {Colour[]}
 */
export function greys(values, [min, max], { gamma = 1, invert = false } = {}) {
  return values.map((value) => {
    const place = Math.min(1, Math.max(0, ((Number.isNaN(value) ? min : value) - min) / (max - min)));
    const level = 255 * place ** gamma;
    const grey = invert ? 255 - level : level;
    return [grey, grey, grey];
  });
}
