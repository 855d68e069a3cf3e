/**
 * Measures, by the barcode and in a real Chromium, how far the screen is behind the camera and which frames it misses.
 * Run through scripts/measure, which builds what it needs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { account, latencies, players, quantile } from "./frames.js";
import { cpuSeconds, descendants } from "./process.js";
import { Rig } from "./rig.js";
import { Collector } from "./segments.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

const HELP = `usage: scripts/measure [options]

  --seconds S    how long each page is watched [default: 60]
  --shape HxW    size of the picture [default: 512x512]
  --dtype TYPE   uint8, uint16 or float32 [default: uint8]
  --fps FPS      frames per second [default: 30]
  --join WHICH   only this way of joining: early, late or second [default: all three, one after the other]
  --late S       age of the stream when somebody joins late, seconds [default: 30]
  --json FILE    where the figures go as well [default: test-results/browser/measure/measure.json]

early: the page is opened as soon as the stream plays; late: much later; second: late, beside a page that plays already.`;

const TARGETS = { fps: 30, skipped: 0, latencyMs: 4000, firstPictureMs: 1000 };
const STREAM = "bars";
const START_MS = 30_000;

/** @typedef {"early" | "late" | "second"} Join */

/**
 * @typedef {object} Figures Of one page.
 * @property {Join} join
 * @property {number} firstPictureMs Navigation to first frame on screen.
 * @property {{ median: number, p95: number, settled: number, least: number, most: number }} latencyMs Capture to
 *   screen; \`settled\` is the median of the last third.
 * @property {number} publishedFps By the capture times of the frames that were published meanwhile.
 * @property {number} deliveredFps The same of those in the segments.
 * @property {number} presentedFps Different frames on screen per second of wall clock.
 * @property {number} frames Different frames on screen.
 * @property {number} missing Frame numbers in between that were not seen on screen.
 * @property {number} skippedByUs Of these, published or at least numbered and in no segment.
 * @property {{ wire: number, queue: number, encoder: number }} drops What the runner counted meanwhile.
 * @property {number} droppedByBrowser Decoded and not shown.
 * @property {number} toldLate Shown, but the next one was there when it was read.
 * @property {number} backwards
 * @property {number} players How many players the page needed.
 * @property {Record<string, number>} cpu Used CPUs, by program; \`others\` is whatever else ran on the machine.
 */

const options = parse();
if (options !== null) await main(options);

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: "string", default: "60" },
        shape: { type: "string", default: "512x512" },
        dtype: { type: "string", default: "uint8" },
        fps: { type: "string", default: "30" },
        join: { type: "string" },
        late: { type: "string", default: "30" },
        json: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return null;
    }
    const seconds = Number(values.seconds);
    const late = Number(values.late);
    if (!(seconds >= 5)) throw new Error(`--seconds is ${values.seconds}: expected at least 5`);
    if (!(late >= 0)) throw new Error(`--late is ${values.late}: expected seconds`);
    if (values.join !== undefined && !["early", "late", "second"].includes(values.join)) {
      throw new Error(`--join is ${values.join}: expected early, late or second`);
    }
    const joins = /** @type {Join[]} */ (
      values.join === undefined ? ["early", "late", "second"] : [values.join]
    );
    return { ...values, seconds, late, joins };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exitCode = 2;
    return null;
  }
}

/** @param {NonNullable<ReturnType<typeof parse>>} options */
async function main({ seconds, shape, dtype, fps, joins, late, json }) {
  const rig = new Rig("measure", []);
  const times = join(rig.folder, "times.csv");
  const browser = await launch();
  /** @type {Figures[]} */
  const all = [];
  try {
    await rig.startRunner();
    const node = rig.frames(
      STREAM,
      "barcode",
      "--shape",
      shape,
      "--dtype",
      dtype,
      "--fps",
      fps,
      "--times",
      times,
    );
    const startedMs = Date.now();
    const collector = new Collector(rig.url, STREAM);
    await until("three segments", START_MS, () => collector.names.length >= 3);
    const pids = async () => ({
      runner: [rig.runner.pid],
      ffmpeg: [(await rig.encoder(STREAM)) ?? 0],
      "frame-node": [node.pid],
      chromium: descendants(process.pid, "chromium"),
    });
    for (const join of joins) {
      const age = join === "early" ? 0 : late;
      await until(`the stream is ${age} s old`, (age + 1) * 1000, () => Date.now() - startedMs >= age * 1000);
      console.log(`watching for ${seconds} s: ${join}`);
      const beside = join === "second" ? await playing(browser, rig.url) : null;
      const before = await usage(await pids());
      const { drops } = /** @type {any} */ (await rig.stream("frame", STREAM));
      const viewer = await Viewer.open(browser, rig.url);
      const shown = await watch(viewer, seconds);
      const cpu = difference(before, await usage(await pids()));
      const { drops: after } = /** @type {any} */ (await rig.stream("frame", STREAM));
      const [from, to] = [first(shown), last(shown)];
      // Decoding them takes CPU: not while somebody is watched.
      const openedMs = await viewer.openedMs();
      await viewer.close();
      await beside?.close();
      const delivered = await collector.codes(from.tMs, to.tMs);
      const seqs = new Set(delivered.map(({ seq }) => seq).filter((seq) => seq >= from.seq && seq <= to.seq));
      const seen = account(shown);
      const ms = latencies(shown);
      all.push({
        join,
        firstPictureMs: (shown[0]?.atMs ?? NaN) - openedMs,
        latencyMs: {
          median: quantile(ms, 0.5),
          p95: quantile(ms, 0.95),
          settled: quantile(ms.slice((-ms.length / 3) | 0), 0.5),
          least: Math.min(...ms),
          most: Math.max(...ms),
        },
        publishedFps: rate(published(times).filter((t) => t >= from.tMs && t <= to.tMs)),
        deliveredFps: rate(delivered.filter(({ seq }) => seqs.has(seq)).map(({ tMs }) => tMs)),
        presentedFps: ((seen.frames - 1) * 1000) / (to.atMs - from.atMs),
        frames: seen.frames,
        missing: seen.missing,
        skippedByUs: to.seq - from.seq + 1 - seqs.size,
        drops: {
          wire: after.wire - drops.wire,
          queue: after.queue - drops.queue,
          encoder: after.encoder - drops.encoder,
        },
        droppedByBrowser: seen.dropped,
        toldLate: seen.unseen,
        backwards: seen.backwards,
        players: players(shown).length,
        cpu,
      });
    }
    collector.stop();
  } finally {
    await browser.close();
    await rig.stop();
  }
  print(all, { shape, dtype, fps, seconds });
  const file = json ?? join(rig.folder, "measure.json");
  const machine = { cpu: cpus()[0]?.model, cpus: availableParallelism(), load: loadavg() };
  writeFileSync(
    file,
    JSON.stringify({ shape, dtype, fps, seconds, machine, targets: TARGETS, pages: all }, null, 2),
  );
  console.log(`\nfigures: ${file}`);
}

/** Opens a page and waits until it plays. @param {import("playwright-core").Browser} browser @param {string} url */
async function playing(browser, url) {
  const viewer = await Viewer.open(browser, url);
  await viewer.becomes("frame", STREAM, "live", START_MS);
  return viewer;
}

/** Frames on screen within so many seconds of the first one. @param {Viewer} viewer @param {number} seconds */
async function watch(viewer, seconds) {
  const first = await until("a frame on screen", START_MS, async () => (await viewer.shown(STREAM, 0, 1))[0]);
  const endMs = first.atMs + seconds * 1000;
  await until("the time is over", (seconds + 5) * 1000, () => Date.now() > endMs);
  return viewer.shown(STREAM);
}

/** @param {import("./probe.js").Shown[]} shown */
function first(shown) {
  return read(shown.find(({ seq }) => seq !== null));
}

/** @param {import("./probe.js").Shown[]} shown */
function last(shown) {
  return read(shown.findLast(({ seq }) => seq !== null));
}

/** @param {import("./probe.js").Shown | undefined} frame */
function read(frame) {
  if (frame === undefined || frame.seq === null || frame.tMs === null)
    throw new Error("no frame on screen could be read");
  return { seq: frame.seq, tMs: frame.tMs, atMs: frame.atMs };
}

/** Capture times of what the node published, whole ms since the Unix epoch. @param {string} file */
function published(file) {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => Number(line.split(",")[1]?.slice(0, -6)))
    .filter(Number.isFinite);
}

/** Events per second. @param {number[]} timesMs */
function rate(timesMs) {
  return ((timesMs.length - 1) * 1000) / (Math.max(...timesMs) - Math.min(...timesMs));
}

/**
 * CPU time so far, seconds, and the wall clock.
 *
 * @param {Record<string, number[]>} pids
 */
async function usage(pids) {
  const used = Object.entries(pids).map(([name, list]) => [
    name,
    list.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
  ]);
  const fields =
    readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  const all = (user + nice + system + irq + softirq) / 100;
  return {
    atMs: performance.now(),
    all,
    used: /** @type {Record<string, number>} */ (Object.fromEntries(used)),
  };
}

/**
 * CPUs in use between two looks.
 *
 * @param {Awaited<ReturnType<typeof usage>>} before
 * @param {Awaited<ReturnType<typeof usage>>} after
 */
function difference(before, after) {
  const seconds = (after.atMs - before.atMs) / 1000;
  const ours = Object.entries(after.used).map(([name, used]) => [
    name,
    (used - (before.used[name] ?? 0)) / seconds,
  ]);
  const sum = ours.reduce((total, [, used]) => total + Number(used), 0);
  return { ...Object.fromEntries(ours), others: (after.all - before.all) / seconds - sum };
}

/**
 * @param {Figures[]} all
 * @param {{ shape: string, dtype: string, fps: string, seconds: number }} what
 */
function print(all, { shape, dtype, fps, seconds }) {
  const s = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`;
  const n = (/** @type {number} */ value) => value.toFixed(2);
  /** @type {[string, (page: Figures) => string, string?][]} */
  const rows = [
    ["first picture", (p) => s(p.firstPictureMs), `<= ${s(TARGETS.firstPictureMs)}`],
    ["capture to screen, median", (p) => s(p.latencyMs.median), `<= ${s(TARGETS.latencyMs)}`],
    ["  95 %", (p) => s(p.latencyMs.p95)],
    ["  median at the end", (p) => s(p.latencyMs.settled)],
    ["  least to most", (p) => `${s(p.latencyMs.least)} to ${s(p.latencyMs.most)}`],
    ["frames per second published", (p) => n(p.publishedFps)],
    ["  in the segments", (p) => n(p.deliveredFps), n(Number(fps))],
    ["  on screen", (p) => n(p.presentedFps), n(Number(fps))],
    ["frames on screen", (p) => String(p.frames)],
    ["  missing on screen", (p) => String(p.missing)],
    ["  skipped by us", (p) => String(p.skippedByUs), String(TARGETS.skipped)],
    ["    wire, queue, encoder", (p) => Object.values(p.drops).join(", ")],
    ["  decoded, not shown by the browser", (p) => String(p.droppedByBrowser)],
    ["  shown, read too late", (p) => String(p.toldLate)],
    ["  out of order", (p) => String(p.backwards)],
    ["players", (p) => String(p.players)],
    ...Object.keys(all[0]?.cpu ?? {}).map(
      (name) =>
        /** @type {[string, (page: Figures) => string]} */ ([`CPUs: ${name}`, (p) => n(p.cpu[name] ?? NaN)]),
    ),
  ];
  console.log(`\n${shape} ${dtype}, ${fps} fps, ${seconds} s a page, ${availableParallelism()} CPUs\n`);
  const line = (/** @type {string[]} */ cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(36) : cell.padStart(18))).join("");
  console.log(line(["", ...all.map(({ join }) => join), "target"]));
  for (const [name, cell, target = ""] of rows) console.log(line([name, ...all.map(cell), target]));
}
