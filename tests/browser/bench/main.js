/** What streamview does on this machine, in one table and one file. Run through scripts/bench, which builds what it needs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../rig.js";
import { launch } from "../viewer.js";
import { measureConversion } from "./conversion.js";
import { measureLatency, PATHS, PICTURES } from "./latency.js";
import { measureMany } from "./many.js";
import { report } from "./report.js";
import { size } from "./table.js";
import { FORMATS, measureThroughput, SHAPES } from "./throughput.js";
import { measureWindow } from "./window.js";

const WHAT = ["latency", "throughput", "pixels", "many"];
/** A window is changed on the paths that show it at once. */
const LIVE_PATHS = /** @type {readonly string[]} */ (["mse", "webcodecs", "exact"]);
const SIZES = [...new Set([...PICTURES.map(({ shape }) => shape), ...SHAPES])].map(size);

const HELP = `usage: scripts/bench [options]

  --quick           short looks: a first impression, a few minutes
  --only WHAT,…     only these of ${WHAT.join(", ")}
  --path PATH,…     latency and change of window on these only, of ${PATHS.join(", ")}
  --size WxH,…      only these of ${SIZES.join(", ")}
  --fps FPS,…       latency of these rates only, of ${[...new Set(PICTURES.map(({ fps }) => fps))].join(", ")}
  --format NAME,…   throughput of these only, of ${Object.keys(FORMATS).join(", ")}
  --seconds S       how long each page is watched [default: 60, quick: 10]
  --changes N       of the window, on each path [default: 60, quick: 20]
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
    ...{ format: text, seconds: text, changes: text, age: text, rounds: text, json: text },
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
    changes: Math.floor(number("changes", values.changes, values.quick ? 20 : 60, 2)),
    ageS: number("age", values.age, 0, 0),
    rounds: Math.floor(number("rounds", values.rounds, values.quick ? 1 : 5, 1)),
    lookS: values.quick ? 1.5 : 3,
    conversions: values.quick ? 50 : 300,
    json: values.json ?? join(ROOT, "target", "bench.json"),
  };
}

/** @param {NonNullable<ReturnType<typeof parse>>} options */
async function main(options) {
  const { what, paths, pictures, shapes, formats, json, ...settings } = options;
  const { seconds, changes, ageS, rounds, lookS, conversions } = settings;
  const machine = {
    cpu: cpus()[0]?.model,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    load: loadavg()[0],
  };
  const begunMs = Date.now();
  /** @type {import("./report.js").Figures} */
  const figures = { latency: [], throughput: [], window: [], conversion: null, many: [] };
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
    const all = { ...took, machine, settings, ...figures, failures };
    writeFileSync(json, `${JSON.stringify(all, null, 2)}\n`);
  };
  /** @template T @param {(browser: import("playwright-core").Browser) => Promise<T>} measure */
  const inBrowser = async (measure) => {
    const browser = await launch();
    try {
      return await measure(browser);
    } finally {
      await browser.close();
    }
  };
  if (what.includes("latency")) {
    for (const picture of pictures) {
      for (const path of paths) {
        const name = `latency: ${size(picture.shape)} ${picture.fps} fps, ${path}, ${seconds} s`;
        await attempt(name, async () => {
          const measure = (/** @type {import("playwright-core").Browser} */ browser) =>
            measureLatency(browser, picture, path, { seconds, ageS });
          figures.latency.push(await inBrowser(measure));
        });
      }
    }
  }
  if (what.includes("throughput")) {
    for (const shape of shapes) {
      for (const format of formats) {
        await attempt(`throughput: ${size(shape)} ${format}, ${rounds} rounds`, async () => {
          figures.throughput.push(await measureThroughput(shape, format, { seconds: lookS, rounds }));
        });
      }
    }
  }
  if (what.includes("pixels")) {
    for (const path of paths.filter((one) => LIVE_PATHS.includes(one))) {
      await attempt(`pixels: ${changes} changes of the window, ${path}`, async () => {
        figures.window.push(await inBrowser((browser) => measureWindow(browser, path, { changes })));
      });
    }
    await attempt(`pixels: from values to colours, ${conversions} rounds`, async () => {
      figures.conversion = measureConversion({ rounds: conversions });
    });
  }
  if (what.includes("many")) {
    await attempt(`many: streams at once, ${seconds} s`, async () => {
      figures.many = await inBrowser((browser) => measureMany(browser, { seconds }));
    });
  }
  console.log(report(figures, { cpus: machine.cpus, load: machine.load }));
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`\nfigures: ${json}`);
}
