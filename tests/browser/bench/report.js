/** What was measured, for people. */
import { fixed, size, table } from "./table.js";

/**
 * @typedef {object} Figures All that was measured.
 * @property {import("./latency.js").Latency[]} latency
 * @property {import("./throughput.js").Throughput[]} throughput
 * @property {import("./window.js").WindowChange[]} window
 * @property {import("./conversion.js").Conversions | null} conversion
 * @property {import("./many.js").Many[]} many
 */

const PROGRAMS = ["runner", "ffmpeg", "frame-node", "chromium"];

/** @param {Figures} figures @param {{ cpus: number, load: number | undefined }} machine */
export function report({ latency, throughput, window, conversion, many }, { cpus, load }) {
  const parts = [
    `${cpus} CPUs, load ${fixed(load ?? NaN, 1)} before`,
    ...(latency.length > 0 ? ofLatency(latency) : []),
    ...(throughput.length > 0 ? [ofThroughput(throughput)] : []),
    ...(window.length > 0 ? [ofWindow(window)] : []),
    ...(conversion !== null ? ofConversion(conversion) : []),
    ...(many.length > 0 ? ofMany(many) : []),
  ];
  return `\n${parts.join("\n\n")}`;
}

/** @param {import("./latency.js").Latency[]} rows */
function ofLatency(rows) {
  return [
    table(rows, [
      ["capture to screen, ms\nsize and fps", ({ shape, fps }) => `${size(shape)} ${fps}`],
      ["path", ({ path, paths }) => (paths.join() === path ? path : `${path} (${paths.join(", ")})`)],
      ["median", ({ latencyMs }) => fixed(latencyMs.median)],
      ["95 %", ({ latencyMs }) => fixed(latencyMs.p95)],
      ["early", ({ latencyMs }) => fixed(latencyMs.early)],
      ["late", ({ latencyMs }) => fixed(latencyMs.late)],
      ["shown\nfps", ({ shownFps }) => fixed(shownFps, 1)],
      ["skip-\nped", ({ skipped }) => fixed(skipped)],
      ["not\nshown", ({ notShown }) => fixed(notShown)],
      ["first pic-\nture, s", ({ firstPictureMs }) => fixed(firstPictureMs / 1000, 2)],
      ["behind, frames\nnumber", ({ sync }) => behind(sync.picture)],
      ["\ncursor", ({ sync }) => behind(sync.cursor)],
      ["\nvalue", ({ sync }) => behind(sync.value)],
      ["\nwrong", ({ sync }) => fixed(sync.wrong)],
    ]),
    table(rows, [
      ["CPUs in use, MiB\nsize and fps", ({ shape, fps }) => `${size(shape)} ${fps}`],
      ["path", ({ path }) => path],
      ...usage(),
    ]),
  ];
}

/** @param {import("./throughput.js").Throughput[]} rows */
function ofThroughput(rows) {
  return table(rows, [
    ["frames encoded per second\nsize and format", ({ shape, format }) => `${size(shape)} ${format}`],
    ["ffmpeg,\nfrom a file", ({ file }) => fixed(file, 1)],
    ["pipeline,\npressed", ({ pressed }) => fixed(pressed, 1)],
    ["\nratio", ({ pressedRatio }) => fixed(pressedRatio, 3)],
    ["pipeline,\nflooded", ({ flooded }) => fixed(flooded, 1)],
    ["\nratio", ({ floodedRatio }) => fixed(floodedRatio, 3)],
    ["\nof offered", ({ offered }) => fixed(offered)],
    ...["runner", "ffmpeg", "frame-node", "others"].map(
      (name) =>
        /** @type {const} */ ([
          name === "runner" ? "CPUs, pressed\nrunner" : name,
          (/** @type {import("./throughput.js").Throughput} */ { cpu }) => fixed(cpu[name] ?? NaN, 2),
        ]),
    ),
  ]);
}

/** @param {import("./window.js").WindowChange[]} rows */
function ofWindow(rows) {
  return table(rows, [
    ["window typed to screen, ms\nsize and fps", ({ shape, fps }) => `${size(shape)} ${fps}`],
    ["path", ({ path, used }) => (used === path ? path : `${path} (${used})`)],
    ["changes", ({ changes }) => fixed(changes)],
    ["median", ({ ms }) => fixed(ms.median)],
    ["95 %", ({ ms }) => fixed(ms.p95)],
    ["most", ({ ms }) => fixed(ms.most)],
    ["answered,\nmedian", ({ answerMs }) => fixed(answerMs.median)],
    ["\n95 %", ({ answerMs }) => fixed(answerMs.p95)],
  ]);
}

/** @param {import("./conversion.js").Conversions} conversion */
function ofConversion({ rows, autoMs, histogramMs, share }) {
  return [
    table(rows, [
      ["drawing a frame of 1920x1080", ({ what }) => what],
      ["ms", ({ ms }) => fixed(ms, 3)],
      ["copy, ms", ({ copyMs }) => fixed(copyMs, 3)],
      ["ratio", ({ ms, copyMs }) => fixed(ms / copyMs, 2)],
    ]),
    `an automatic window ${fixed(autoMs, 3)} ms a frame, a histogram ${fixed(histogramMs, 3)} ms: together ` +
      `${fixed(100 * share, 1)} % of drawing, of a stream of 30 frames/s whose histogram is on a page`,
  ];
}

/** @param {import("./many.js").Many[]} rows */
function ofMany(rows) {
  const [first] = rows;
  const what =
    first === undefined ? "" : `${first.streams} streams of ${size(first.shape)}, ${first.fps} fps each`;
  return [
    table(rows, [
      [`${what}\npage`, ({ page }) => page],
      ["published,\nleast", ({ produced }) => fixed(produced.least, 1)],
      ["\nsum", ({ produced }) => fixed(produced.sum)],
      ["encoded,\nleast", ({ encoded }) => fixed(encoded.least, 1)],
      ["\nmedian", ({ encoded }) => fixed(encoded.median, 1)],
      ["\nsum", ({ encoded }) => fixed(encoded.sum)],
      ["behind,\nms", ({ delayMs }) => fixed(delayMs)],
      ["dropped:\nwire", ({ drops }) => fixed(drops.wire)],
      ["\nqueue", ({ drops }) => fixed(drops.queue)],
      ["panes\nawake", ({ panes }) => fixed(panes?.awake ?? NaN)],
      ["\nasleep", ({ panes }) => fixed(panes?.asleep ?? NaN)],
      ["pictures\nper s", ({ shownFps }) => fixed(shownFps ?? NaN)],
      ["animation\nmedian, ms", ({ intervalMs }) => fixed(intervalMs?.median ?? NaN)],
      ["\n95 %", ({ intervalMs }) => fixed(intervalMs?.p95 ?? NaN)],
      ["\nmost", ({ intervalMs }) => fixed(intervalMs?.most ?? NaN)],
    ]),
    table(rows, [["CPUs in use, MiB\npage", ({ page }) => page], ...usage()]),
  ];
}

/** Columns of what each program used, for any kind of row. */
function usage() {
  /** @typedef {{ cpu: Record<string, number>, memory: Record<string, number> }} Used */
  return [
    ...PROGRAMS.map(
      (name) =>
        /** @type {const} */ ([
          name,
          (/** @type {Used} */ { cpu, memory }) =>
            `${fixed(cpu[name] ?? NaN, 2)} ${fixed((memory[name] ?? NaN) / 2 ** 20).padStart(5)}`,
        ]),
    ),
    /** @type {const} */ (["others", (/** @type {Used} */ { cpu }) => fixed(cpu.others ?? NaN, 2)]),
  ];
}

/** @param {import("./latency.js").Behind} behind */
function behind({ most, share }) {
  return Number.isNaN(share) ? "-" : `${fixed(most)} (${fixed(100 * share, 1)} %)`;
}
