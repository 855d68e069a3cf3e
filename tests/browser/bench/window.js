/** How long it takes from a window that somebody typed to the picture that shows it. */
import { quantile } from "../frames.js";
import { Rig } from "../rig.js";
import { until } from "../until.js";
import { Viewer } from "../viewer.js";

/** @typedef {import("./latency.js").Path} Path */

const STREAM = "scene";
const SHAPE = "512x512";
const FPS = 30;
/** Until something is on screen, ms. */
const START_MS = 30_000;
/** Two windows with the same black, the one far brighter than the other: their white, of values of 100 to 2000. */
const WHITES = /** @type {const} */ (["600", "4000"]);
/** Between a picture and the next change, ms: at any moment between two frames. */
const PAUSE_MS = /** @type {const} */ ([100, 400]);

/**
 * @typedef {object} WindowChange
 * @property {string} shape
 * @property {number} fps
 * @property {Path} path That was asked for.
 * @property {string} used The one that was used.
 * @property {number} changes
 * @property {{ median: number, p95: number, most: number }} ms From the Enter key in the panel until the picture could be
 *   read in the page as the window has it.
 * @property {{ median: number, p95: number }} answerMs From there until the runner had answered the page.
 */

/**
 * Types one window after another into the panel of a page.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {Path} path
 * @param {{ changes: number }} options
 * @returns {Promise<WindowChange>}
 */
export async function measureWindow(browser, path, { changes }) {
  const rig = new Rig(`bench window ${path}`, []);
  try {
    await rig.startRunner();
    rig.frames(STREAM, "synthetic", "--shape", SHAPE, "--dtype", "uint16", "--fps", String(FPS));
    await until("the stream is on", START_MS, async () => (await rig.stream("frame", STREAM))?.live);
    const viewer = await Viewer.open(browser, new URL(`/?path=${path}`, rig.url).href);
    await viewer.becomes("frame", STREAM, "live", START_MS);
    await viewer.page.getByRole("button", { name: `display of ${STREAM}`, exact: true }).click();
    const panel = viewer.page.getByRole("dialog", { name: `display of ${STREAM}`, exact: true });
    await panel.waitFor();
    const took = await type(viewer, changes);
    const of = (/** @type {(one: typeof took[number]) => number} */ which, /** @type {number} */ share) =>
      quantile(took.map(which), share);
    return {
      shape: SHAPE,
      fps: FPS,
      path,
      used: (await viewer.fact("frame", STREAM, "data-path")) ?? "",
      changes: took.length,
      ms: { median: of((o) => o.ms, 0.5), p95: of((o) => o.ms, 0.95), most: of((o) => o.ms, 1) },
      answerMs: { median: of((o) => o.answerMs, 0.5), p95: of((o) => o.answerMs, 0.95) },
    };
  } finally {
    await rig.stop();
  }
}

/**
 * In the page, so that no message to it and back is measured as well.
 *
 * @param {Viewer} viewer
 * @param {number} changes
 */
function type(viewer, changes) {
  return viewer.page.evaluate(
    async ({ id, whites, changes, pauseMs, patienceMs }) => {
      const { probe } = /** @type {{ probe: import("../probe.js").Probe }} */ (
        /** @type {unknown} */ (window)
      );
      const field = /** @type {HTMLInputElement} */ (
        document.querySelector('.display-panel [aria-label="max"]')
      );
      const canvas = new OffscreenCanvas(16, 16);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (context === null) throw new Error("no canvas");
      const painted = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
      /** Mean grey level on screen. */
      const brightness = () => {
        const picture = probe.picture(id);
        if (picture === null) return NaN;
        context.drawImage(picture, 0, 0, 16, 16);
        const { data } = context.getImageData(0, 0, 16, 16);
        return data.reduce((sum, value, i) => sum + (i % 4 === 1 ? value : 0), 0) / 256;
      };
      const enter = (/** @type {string} */ text) => {
        field.value = text;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      };
      /** Waits until it is so. @param {() => boolean} is @param {string} what */
      const seen = async (is, what) => {
        const startMs = performance.now();
        while (!is()) {
          await painted();
          if (performance.now() - startMs > patienceMs) throw new Error(`in vain: ${what}, ${brightness()}`);
        }
        return performance.now();
      };
      // What the two look like: after a while, whatever is under way is over.
      const levels = [];
      for (const white of whites) {
        enter(white);
        await pause(2000);
        await painted();
        levels.push(brightness());
      }
      const [bright = NaN, dark = NaN] = levels;
      if (!(bright > dark + 20)) throw new Error(`${bright} and ${dark} cannot be told apart`);
      const middle = (bright + dark) / 2;
      const requests = () =>
        performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/display"));
      performance.setResourceTimingBufferSize(100_000);
      const took = [];
      for (let index = 0; index < changes; index++) {
        await pause(pauseMs[0] + Math.random() * (pauseMs[1] - pauseMs[0]));
        const toBright = index % 2 === 0;
        const startMs = performance.now();
        enter(whites[toBright ? 0 : 1]);
        const ms = (await seen(() => brightness() > middle === toBright, `change ${index}`)) - startMs;
        const answered = requests().findLast((request) => request.startTime >= startMs);
        took.push({
          ms,
          answerMs: answered === undefined ? NaN : answered.startTime + answered.duration - startMs,
        });
      }
      return took;
    },
    { id: STREAM, whites: WHITES, changes, pauseMs: PAUSE_MS, patienceMs: START_MS },
  );
}
