/** What exact pixels have to look like: the page's own reference, which stands alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "./rig.js";

/**
 * @typedef {object} Seen As in frontend/src/exact/reference.ts.
 * @property {{ black: number, white: number }} window
 * @property {number} gamma
 * @property {boolean} invert
 * @property {{ zero: number, saturated: number } | null} highlight
 * @property {ArrayLike<number>} palette
 *
 * @typedef {{ dtype: string, channels: number, data: ArrayLike<number> }} Picture
 */

const source = readFileSync(join(ROOT, "frontend", "src", "exact", "reference.ts"), "utf8");
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
const loaded = await import(`data:text/javascript;base64,${Buffer.from(outputText).toString("base64")}`);

/** @type {(picture: Picture, seen: Seen) => Uint8ClampedArray} Red, green, blue and 255 of every pixel. */
export const reference = loaded.reference;

/** Grey of every level. */
export const GRAY = Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
/** Red, then yellow, then white: matplotlib's `hot`. */
export const HOT = Array.from({ length: 256 }, (_, level) => {
  const rise = (/** @type {number} */ from, /** @type {number} */ to) =>
    Math.min(1, Math.max(0, (level / 255 - from) / (to - from)));
  const channels = [0.0416 + 0.9584 * rise(0, 0.365079), rise(0.365079, 0.746032), rise(0.746032, 1)];
  return channels.map((channel) => Math.round(255 * channel));
}).flat();

/** As nobody changed it. @type {Seen} */
export const PLAIN = {
  window: { black: 0, white: 255 },
  gamma: 1,
  invert: false,
  highlight: null,
  palette: GRAY,
};
