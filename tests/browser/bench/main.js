/** What streamview does on this machine, in one table and one file. Run through scripts/bench, which builds what it needs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../rig.js";
import { launch } from "../viewer.js";
import { measureLatency, PATHS, PICTURES } from "./latency.js";
import { fixed, size, table } from "./table.js";
import { FORMATS, measureThroughput, SHAPES } from "./throughput.js";

/** @typedef {import("./latency.js").Latency} Latency */
/** @typedef {import("./throughput.js").Throughput} Throughput */

const WHAT = ["latency", "throughput"];
const SIZES = [...new Set([...PICTURES.map(({ shape }) => shape), ...SHAPES])].map(size);

const HELP = `usage: scripts/bench [options]

  --quick           short looks: a first impression, a few minutes
  --only WHAT       ${WHAT.join(" or ")} [default: both]
  --path PATH,…     only these of ${PATHS.join(", ")}
  --size WxH,…      only these of ${SIZES.join(", ")}
  --fps FPS,…       latency of these rates only, of ${[...new Set(PICTURES.map(({ fps }) => fps))].join(", ")}
  --format NAME,…   throughput of these only, of ${Object.keys(FORMATS).join(", ")}
  --seconds S       how long each page is watched [default: 60, quick: 10]
  --age S           age of the stream when a page is opened, at least [default: 0]
  --rounds N        of throughput, file and pipeline in turns [default: 5, quick: 1]
  --json FILE       where the figures go as well [default: target/bench.json]

docs/bench.md says what the figures mean.`;

class UsageError extends Error {}

try {
  const options = parse();
  if (options === null) console.log(HELP);
  else await main(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}

function parse() {
  const text = { type: /** @type {const} */ ("string") };
  const flag = { type: /** @type {const} */ ("boolean"), default: false };
  const options = {
    ...{ quick: flag, help: { ...flag, short: "h" }, only: text, path: text, size: text, fps: text },
    ...{ format: text, seconds: text, age: text, rounds: text, json: text },
  };
  const values = (() => {
    try {
      return parseArgs({ options }).values;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
  })();
  if (values.help) return null;
  /** @template {string} T @param {string} name @param {string | undefined} given @param {readonly T[]} known */
  const some = (name, given, known) => {
    const list = given?.split(",") ?? known;
    const strange = list.find((one) => !known.some((other) => other === one));
    if (strange !== undefined) {
      throw new UsageError(`--${name} is ${strange}: expected one or more of ${known.join(", ")}`);
    }
    return known.filter((one) => list.includes(one));
  };
  /** @param {string} name @param {string | undefined} given @param {number} or @param {number} least */
  const number = (name, given, or, least) => {
    const value = given === undefined ? or : Number(given);
    if (!(value >= least) || given === "") {
      throw new UsageError(`--${name} is ${given}: expected at least ${least}`);
    }
    return value;
  };
  const sizes = some("size", values.size, SIZES);
  const rates = some("fps", values.fps, [...new Set(PICTURES.map(({ fps }) => String(fps)))]);
  return {
    what: some("only", values.only, WHAT),
    paths: some("path", values.path, PATHS),
    pictures: PICTURES.filter(({ shape, fps }) => sizes.includes(size(shape)) && rates.includes(String(fps))),
    shapes: SHAPES.filter((shape) => sizes.includes(size(shape))),
    formats: some("format", values.format, Object.keys(FORMATS)),
    seconds: number("seconds", values.seconds, values.quick ? 10 : 60, 2),
    ageS: number("age", values.age, 0, 0),
    rounds: Math.floor(number("rounds", values.rounds, values.quick ? 1 : 5, 1)),
    lookS: values.quick ? 1.5 : 3,
    json: values.json ?? join(ROOT, "target", "bench.json"),
  };
}

/** @param {NonNullable<ReturnType<typeof parse>>} options */
async function main({ what, paths, pictures, shapes, formats, seconds, ageS, rounds, lookS, json }) {
  const machine = {
    cpu: cpus()[0]?.model,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    load: loadavg()[0],
  };
  const begunMs = Date.now();
  /** @type {Latency[]} */
  const latency = [];
  /** @type {Throughput[]} */
  const throughput = [];
  /** @type {string[]} */
  const failures = [];
  // What was measured is kept, whatever happens to the rest of it.
  const attempt = async (/** @type {string} */ name, /** @type {() => Promise<void>} */ measure) => {
    console.error(name);
    await measure().catch((error) => {
      failures.push(`${name}: ${error instanceof Error ? error.message : error}`);
      console.error(failures.at(-1));
      process.exitCode = 1;
    });
    mkdirSync(dirname(json), { recursive: true });
    const took = { begun: new Date(begunMs).toISOString(), tookS: (Date.now() - begunMs) / 1000 };
    const settings = { seconds, ageS, rounds, lookS };
    writeFileSync(
      json,
      `${JSON.stringify({ ...took, machine, settings, latency, throughput, failures }, null, 2)}\n`,
    );
  };
  if (what.includes("latency")) {
    for (const picture of pictures) {
      for (const path of paths) {
        await attempt(
          `latency: ${size(picture.shape)} ${picture.fps} fps, ${path}, ${seconds} s`,
          async () => {
            const browser = await launch();
            try {
              const one = await measureLatency(browser, picture, path, { seconds, ageS });
              latency.push(one);
            } finally {
              await browser.close();
            }
          },
        );
      }
    }
  }
  if (what.includes("throughput")) {
    for (const shape of shapes) {
      for (const format of formats) {
        await attempt(`throughput: ${size(shape)} ${format}, ${rounds} rounds`, async () => {
          throughput.push(await measureThroughput(shape, format, { seconds: lookS, rounds }));
        });
      }
    }
  }
  console.log(report(latency, throughput, machine));
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`\nfigures: ${json}`);
}

/** @param {Latency[]} latency @param {Throughput[]} throughput @param {{ cpus: number, load: number | undefined }} machine */
function report(latency, throughput, { cpus, load }) {
  const parts = [`${cpus} CPUs, load ${fixed(load ?? NaN, 1)} before`];
  const programs = ["runner", "ffmpeg", "frame-node", "chromium"];
  if (latency.length > 0) {
    parts.push(
      table(latency, [
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
      table(latency, [
        ["CPUs in use, MiB\nsize and fps", ({ shape, fps }) => `${size(shape)} ${fps}`],
        ["path", ({ path }) => path],
        ...programs.map(
          (name) =>
            /** @type {const} */ ([
              name,
              (/** @type {Latency} */ { cpu, memory }) =>
                `${fixed(cpu[name] ?? NaN, 2)} ${fixed((memory[name] ?? NaN) / 2 ** 20).padStart(5)}`,
            ]),
        ),
        ["others", ({ cpu }) => fixed(cpu.others ?? NaN, 2)],
      ]),
    );
  }
  if (throughput.length > 0) {
    parts.push(
      table(throughput, [
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
              (/** @type {Throughput} */ { cpu }) => fixed(cpu[name] ?? NaN, 2),
            ]),
        ),
      ]),
    );
  }
  return `\n${parts.join("\n\n")}`;
}

/** @param {import("./latency.js").Behind} behind */
function behind({ most, share }) {
  return Number.isNaN(share) ? "-" : `${fixed(most)} (${fixed(100 * share, 1)} %)`;
}
