/** What values to colours cost, beside a copy of the same bytes, as `crates/pixels/examples/convert.rs` measures it. */
import { spawnSync } from "node:child_process";
import { binary } from "../rig.js";

/** A histogram that somebody looks at is asked for so often, per second, of a stream of so many frames. */
const HISTOGRAMS_PER_S = 4;
const FPS = 30;

/**
 * @typedef {object} Conversion Processor time, ms.
 * @property {string} what
 * @property {number} ms Median.
 * @property {number} copyMs Median of a copy of the same bytes, measured in turns with it.
 *
 * @typedef {object} Conversions
 * @property {Conversion[]} rows Of frames of 1920x1080.
 * @property {number} autoMs An automatic window, mean over all frames of 30 per second.
 * @property {number} histogramMs One histogram, as it is for a page.
 * @property {number} share What both cost, of what drawing costs, a stream of 30 frames/s being looked at.
 */

/** @param {{ rounds: number }} options @returns {Conversions} */
export function measureConversion({ rounds }) {
  const ran = spawnSync(binary("examples/convert"), [String(rounds)], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`convert: ${ran.error?.message ?? ran.stderr}`);
  // Sections are parted by an empty line: first drawing, then an automatic window of either size, then regions.
  const [drawing = "", following = ""] = ran.stdout.split("\n\n");
  const rows = drawing.split("\n").flatMap((line) => {
    const [, what = "", ms, copyMs] = /^(\S.*?)\s{2,}([\d.]+)\s+([\d.]+)\s+[\d.]+$/.exec(line) ?? [];
    return ms === undefined ? [] : [{ what, ms: Number(ms), copyMs: Number(copyMs) }];
  });
  /** The first number of a line. @param {string} what */
  const number = (what) => {
    const line = following.split("\n").find((one) => one.startsWith(what));
    const found = /\s{2,}([\d.]+)/.exec(line ?? "")?.[1];
    if (found === undefined) throw new Error(`convert says nothing of ${what}: ${following}`);
    return Number(found);
  };
  const drawMs = number("uint16 of 12 bits, viridis");
  const [autoMs, histogramMs] = [number("automatic window"), number("histogram")];
  const share = (autoMs + (histogramMs * HISTOGRAMS_PER_S) / FPS) / drawMs;
  return { rows, autoMs, histogramMs, share };
}
