/** How far the screen is behind the camera on each path, by the barcode, and what that takes. */
import { account, latencies, players, quantile, sync } from "../frames.js";
import { descendants } from "../process.js";
import { Rig } from "../rig.js";
import { until } from "../until.js";
import { Viewer } from "../viewer.js";
import { Usage } from "./usage.js";

/** Of the encoded picture, the fastest last; and pixels as they were captured. */
export const PATHS = /** @type {const} */ (["hls", "llhls", "mse", "webcodecs", "exact"]);
/** @typedef {(typeof PATHS)[number]} Path */

/** @typedef {{ shape: string, fps: number }} Picture */
/** @type {readonly Picture[]} */
export const PICTURES = [
  { shape: "512x512", fps: 30 },
  { shape: "512x512", fps: 120 },
  { shape: "720x1280", fps: 30 },
  { shape: "1080x1920", fps: 30 },
];

const STREAM = "bars";
/** Until something is on screen, ms. */
const START_MS = 30_000;

/** @typedef {{ most: number, share: number }} Behind Frames on screen at most, and the share of frames where it was at all. */

/**
 * @typedef {object} Latency Of one page.
 * @property {string} shape
 * @property {number} fps That were asked for.
 * @property {Path} path That was asked for.
 * @property {string[]} paths That pictures came on, in order.
 * @property {number} ageS Of the stream when the page was opened.
 * @property {number} firstPictureMs Navigation to the first frame on screen.
 * @property {{ median: number, p95: number, least: number, most: number, early: number, late: number }} latencyMs Capture
 *   to screen; \`early\` and \`late\` are the medians of the second tenth and of the last one.
 * @property {number} shownFps Different frames on screen per second.
 * @property {number} frames Different frames on screen.
 * @property {number} missing Numbers in between that were not seen on screen.
 * @property {number} notShown Of these, decoded by the browser and not shown, or shown for less than it takes to look.
 * @property {number} skipped The rest: lost before they reached the screen.
 * @property {{ wire: number, queue: number, encoder: number, viewer: number }} counted What runner and page counted of it.
 * @property {number} backwards Times that an older frame came after a newer one.
 * @property {number} players How many the page needed.
 * @property {{ frames: number, wrong: number, silent: number, picture: Behind, cursor: Behind, value: Behind }} sync How far
 *   the number beside the picture, the cursor of the chart and the value there were behind the picture; `wrong` counts
 *   those that belong to another time than the one beside them or to a later picture, `silent` cursors without a value.
 * @property {Record<string, number>} cpu CPUs in use, by program.
 * @property {Record<string, number>} memory Bytes, by program.
 */

/**
 * Looks at one kind of picture on one path.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {Picture} picture
 * @param {Path} path
 * @param {{ seconds: number, ageS: number }} options For how long, and how old the stream is then at least.
 * @returns {Promise<Latency>}
 */
export async function measureLatency(browser, { shape, fps }, path, { seconds, ageS }) {
  const rig = new Rig(`bench ${shape} ${fps} ${path}`, []);
  try {
    await rig.startRunner();
    const rate = ["--fps", String(fps), "--number-series"];
    const times = rig.timedFrames(STREAM, "barcode", "--shape", shape, "--dtype", "uint8", ...rate);
    const startedMs = Date.now();
    const age = () => (Date.now() - startedMs) / 1000;
    await until("the stream has a playlist", START_MS, async () => (await rig.stream("frame", STREAM))?.hls);
    await until(`the stream is ${ageS} s old`, ageS * 1000 + START_MS, () => age() >= ageS);
    const opened = { ageS: age(), facts: /** @type {any} */ (await rig.stream("frame", STREAM)) };
    const viewer = await Viewer.open(browser, new URL(`/?path=${path}`, rig.url).href);
    const usage = new Usage({
      runner: [rig.runner.pid],
      ffmpeg: rig.runner.children("ffmpeg"),
      "frame-node": descendants(process.pid, "frame-node"),
      chromium: descendants(process.pid, "chromium"),
    });
    const shown = await watch(viewer, seconds);
    const used = usage.used();
    const { drops } = /** @type {any} */ (await rig.stream("frame", STREAM));
    const missed = Number(await viewer.fact("frame", STREAM, "data-missed"));
    // What a canvas was drawn over with; of a video the browser itself counts it.
    const drawnOver = path === "webcodecs" ? Number(await viewer.fact("frame", STREAM, "data-skipped")) : 0;
    const openedMs = await viewer.openedMs();
    const of = (/** @type {string} */ name) => drops[name] - opened.facts.drops[name];
    const counted = { wire: of("wire"), queue: of("queue"), encoder: of("encoder"), viewer: missed };
    return {
      shape,
      fps,
      path,
      ageS: opened.ageS,
      ...judge(shown, { openedMs, drawnOver, times: times() }),
      counted,
      ...used,
    };
  } finally {
    await rig.stop();
  }
}

/** Frames on screen within so many seconds of the first one. @param {Viewer} viewer @param {number} seconds */
async function watch(viewer, seconds) {
  const first = await until("a frame on screen", START_MS, async () => (await viewer.shown(STREAM, 0, 1))[0]);
  const endMs = first.atMs + seconds * 1000;
  await until("the time is over", (seconds + 5) * 1000, () => Date.now() > endMs);
  return viewer.shown(STREAM);
}

/**
 * @param {import("../probe.js").Shown[]} shown
 * @param {{ openedMs: number, drawnOver: number, times: Map<number, number> }} known
 */
function judge(shown, { openedMs, drawnOver, times }) {
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no frame came on screen");
  const each = players(shown).map(account);
  const sum = (/** @type {"backwards" | "unseen" | "dropped"} */ name) =>
    each.reduce((total, one) => total + one[name], 0);
  const seen = account(shown);
  const notShown = Math.min(seen.missing, Math.max(0, sum("unseen") + sum("dropped") + drawnOver));
  const ms = latencies(shown);
  const tenth = Math.ceil(ms.length / 10);
  const { frames, wrong, ahead, silent, picture, cursor, value } = sync(shown, times);
  return {
    paths: [...new Set(shown.flatMap(({ said }) => said?.path || []))],
    firstPictureMs: first.atMs - openedMs,
    latencyMs: {
      median: quantile(ms, 0.5),
      p95: quantile(ms, 0.95),
      least: Math.min(...ms),
      most: Math.max(...ms),
      early: quantile(ms.slice(tenth, 2 * tenth), 0.5),
      late: quantile(ms.slice(-tenth), 0.5),
    },
    shownFps: ((seen.frames - 1) * 1000) / (last.atMs - first.atMs),
    frames: seen.frames,
    missing: seen.missing,
    notShown,
    skipped: seen.missing - notShown,
    backwards: seen.backwards,
    players: each.length,
    sync: {
      frames,
      wrong: wrong.length + ahead.length,
      silent,
      picture: behind(picture),
      cursor: behind(cursor),
      value: behind(value),
    },
  };
}

/** @param {number[]} by Frames. @returns {Behind} */
function behind(by) {
  const off = by.filter((frames) => frames > 0).length;
  return { most: Math.max(0, ...by), share: by.length === 0 ? NaN : off / by.length };
}
