/** Many streams at once: does each keep its rate, and does the page stay responsive? */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantile } from "../frames.js";
import { descendants } from "../process.js";
import { Rig } from "../rig.js";
import { until } from "../until.js";
import { paint } from "./throughput.js";
import { Usage } from "./usage.js";

/** @typedef {import("playwright-core").Page} Page */

const STREAMS = 16;
const SHAPE = "256x256";
const FPS = 30;
/** Until all of them are on, ms. */
const START_MS = 120_000;
/** Until everything runs as it will, ms: at least, and at most while frames that waited at the start are caught up with. */
const SETTLE_MS = /** @type {const} */ ([3000, 20_000]);
/** A stream that is no further behind has caught up, ms. */
const CAUGHT_UP_MS = 100;

/**
 * @typedef {object} Many
 * @property {"closed" | "open"} page
 * @property {number} streams
 * @property {string} shape
 * @property {number} fps That were asked for, of each.
 * @property {{ least: number, median: number, sum: number }} produced Frames that the nodes published, per second of capture time.
 * @property {{ least: number, median: number, sum: number }} encoded Frames that the runner encoded, per second of capture time.
 * @property {number} delayMs At the end, from capture to the runner, of the stream that is most behind.
 * @property {{ wire: number, queue: number, encoder: number }} drops Of all streams, meanwhile.
 * @property {{ awake: number, asleep: number } | null} panes
 * @property {{ median: number, p95: number, most: number } | null} intervalMs From one animation frame to the next.
 * @property {number | null} shownFps Pictures that the page showed, per second, of all streams together.
 * @property {Record<string, number>} cpu CPUs in use, by program.
 * @property {Record<string, number>} memory Bytes, by program.
 */

/**
 * Measures without a page, then with one.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{ seconds: number }} options For how long each.
 * @returns {Promise<Many[]>}
 */
export async function measureMany(browser, { seconds }) {
  const folder = mkdtempSync(join(tmpdir(), "streamview-bench-"));
  const rig = new Rig("bench many", []);
  try {
    await rig.startRunner();
    const [file = "", ...args] = paint(folder, SHAPE, "uint8");
    const ids = Array.from({ length: STREAMS }, (_, index) => `cam${String(index + 1).padStart(2, "0")}`);
    const nodes = ids.map((id) => rig.frames(id, file, ...args, "--fps", String(FPS)));
    await until("all are on", START_MS, async () => (await look(rig)).every(({ live }) => live !== null));
    const phase = async (/** @type {Page | null} */ opened) => {
      const beganMs = Date.now();
      await until("it has settled", 2 * SETTLE_MS[1], async () => {
        const tookMs = Date.now() - beganMs;
        const caughtUp = (await look(rig)).every(({ delay_ms }) => delay_ms < CAUGHT_UP_MS);
        return (tookMs > SETTLE_MS[0] && caughtUp) || tookMs > SETTLE_MS[1];
      });
      const usage = new Usage({
        runner: [rig.runner.pid],
        ffmpeg: rig.runner.children("ffmpeg"),
        "frame-node": nodes.map(({ pid }) => pid),
        chromium: descendants(process.pid, "chromium"),
      });
      const [before, startMs] = [await look(rig), Date.now()];
      const page = opened === null ? null : await watch(opened, seconds);
      await until("the time is over", (seconds + 5) * 1000, () => Date.now() > startMs + seconds * 1000);
      return { ...judge(before, await look(rig)), page, ...usage.used() };
    };
    const common = { streams: STREAMS, shape: SHAPE, fps: FPS };
    const { page: _, ...closed } = await phase(null);
    const opened = await openPage(browser, rig.url);
    await until("pictures", START_MS, async () => (await states(opened)).includes("live"));
    const { page, ...open } = await phase(opened);
    const nothing = { panes: null, intervalMs: null, shownFps: null };
    return [
      { ...common, page: "closed", ...closed, ...nothing },
      { ...common, page: "open", ...open, ...(page ?? nothing) },
    ];
  } finally {
    await rig.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Rig} rig @returns {Promise<any[]>} Every stream, as the runner tells. */
async function look(rig) {
  const { streams } = /** @type {any} */ (await (await fetch(new URL("/api/v1/streams", rig.url))).json());
  return streams.filter((/** @type {any} */ { kind }) => kind === "frame");
}

/**
 * A page that nobody reads pixels from: that would cost it more than the streams do. Pictures are counted as a decoder's
 * frames are drawn.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 */
async function openPage(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    const counted = { drawn: 0 };
    Object.assign(window, { counted });
    /** @this {CanvasRenderingContext2D} @param {[CanvasImageSource, ...number[]]} args */
    CanvasRenderingContext2D.prototype.drawImage = function (...args) {
      if (args[0] instanceof VideoFrame) counted.drawn++;
      /** @type {Function} */ (draw).apply(this, args);
    };
  });
  await page.goto(url, { waitUntil: "commit" });
  return page;
}

/** @param {Page} page What each pane says. @returns {Promise<string[]>} */
function states(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-kind="frame"]')].map(
      (pane) => pane.getAttribute("data-state") ?? "",
    ),
  );
}

/**
 * @param {any[]} before
 * @param {any[]} after
 */
function judge(before, after) {
  const pairs = after.map((now) => ({ now, then: before.find(({ id }) => id === now.id) ?? now }));
  const rates = (/** @type {(stream: any) => number} */ count) => {
    const each = pairs.map(({ now, then }) => ((count(now) - count(then)) * 1000) / (now.t_ms - then.t_ms));
    const sum = each.reduce((total, rate) => total + rate, 0);
    return { least: Math.min(...each), median: quantile(each, 0.5), sum };
  };
  const of = (/** @type {string} */ name) =>
    pairs.reduce((sum, { now, then }) => sum + now.drops[name] - then.drops[name], 0);
  return {
    produced: rates(({ seq }) => seq),
    encoded: rates(({ encoder }) => encoder.encoded),
    delayMs: Math.max(...after.map(({ delay_ms }) => delay_ms)),
    drops: { wire: of("wire"), queue: of("queue"), encoder: of("encoder") },
  };
}

/** Looks on in the page. @param {Page} page @param {number} seconds */
async function watch(page, seconds) {
  const drawn = () =>
    page.evaluate(
      () => /** @type {{ counted: { drawn: number } }} */ (/** @type {any} */ (window)).counted.drawn,
    );
  const before = await drawn();
  const intervals = await page.evaluate(
    (ms) =>
      new Promise((/** @type {(intervals: number[]) => void} */ resolve) => {
        const startMs = performance.now();
        /** @type {number[]} */
        const intervals = [];
        let last = startMs;
        const onFrame = (/** @type {number} */ now) => {
          intervals.push(now - last);
          last = now;
          if (now - startMs < ms) requestAnimationFrame(onFrame);
          else resolve(intervals.slice(1));
        };
        requestAnimationFrame(onFrame);
      }),
    seconds * 1000,
  );
  const pictures = (await drawn()) - before;
  const all = await states(page);
  const asleep = all.filter((state) => state === "asleep").length;
  return {
    panes: { awake: all.length - asleep, asleep },
    intervalMs: {
      median: quantile(intervals, 0.5),
      p95: quantile(intervals, 0.95),
      most: Math.max(...intervals),
    },
    shownFps: pictures / seconds,
  };
}
