/** Frames per second through the whole pipeline, beside those of the same ffmpeg command fed from a file. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantile } from "../frames.js";
import { binary, Rig } from "../rig.js";
import { until } from "../until.js";
import { Usage } from "./usage.js";

/** @typedef {{ dtype: string, channels: 1 | 3 }} Format */
/** @type {Readonly<Record<string, Format>>} */
export const FORMATS = {
  uint8: { dtype: "uint8", channels: 1 },
  uint16: { dtype: "uint16", channels: 1 },
  rgb: { dtype: "uint8", channels: 3 },
};
export const SHAPES = ["512x512", "720x1280", "1080x1920"];

const STREAM = "flood";
const START_MS = 30_000;
/** Bytes of pictures that are played in a loop: few enough to be painted at once, many enough to differ. */
const LOOP_BYTES = 96 << 20;
/** Most of them, frames. */
const LOOP_FRAMES = 48;
/** Bytes of encoder input that are kept for the file: this is held in the page cache. */
const FILE_BYTES = 800 << 20;
/** Until the encoder runs as it will, s. */
const SETTLE_S = 0.8;
/** Offered in proportion to what the file gave, so that the encoder always has something to do. */
const PRESSED = 1.15;

/**
 * @typedef {object} Throughput Medians over all rounds, frames per second.
 * @property {string} shape
 * @property {string} format
 * @property {number} file What ffmpeg encodes from a file.
 * @property {number} pressed What is encoded where 1.15 times as much as that is published.
 * @property {number} flooded The same where frames are published as fast as possible.
 * @property {number} pressedRatio Median of \`pressed / file\` of each round.
 * @property {number} floodedRatio
 * @property {number} offered Frames per second that were published when flooded.
 * @property {Record<string, number>} cpu CPUs in use when pressed, by program.
 * @property {{ file: number, pressed: number, flooded: number }[]} rounds
 */

/**
 * Measures one kind of picture: each round takes the file and the pipeline in turns, so that both see the same machine.
 *
 * @param {string} shape
 * @param {string} format A key of FORMATS.
 * @param {{ seconds: number, rounds: number }} options Of each look.
 * @returns {Promise<Throughput>}
 */
export async function measureThroughput(shape, format, { seconds, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "streamview-bench-"));
  try {
    const source = paint(folder, shape, format);
    await record(folder, source);
    /** @type {(Throughput["rounds"][number] & { offered: number, cpu: Record<string, number> })[]} */
    const all = [];
    const rig = new Rig(`bench ${shape} ${format}`, []);
    try {
      await rig.startRunner();
      for (let round = 0; round < rounds; round++) {
        const file = await fromFile(folder, shape, seconds);
        const pressed = await pipeline(rig, source, String(file * PRESSED), seconds);
        const flooded = await pipeline(rig, source, "max", seconds);
        const { offered } = flooded;
        all.push({ file, pressed: pressed.encoded, flooded: flooded.encoded, offered, cpu: pressed.cpu });
      }
    } finally {
      await rig.stop();
    }
    const median = (/** @type {(round: typeof all[number]) => number} */ of) => quantile(all.map(of), 0.5);
    const programs = Object.keys(all[0]?.cpu ?? {});
    return {
      shape,
      format,
      file: median(({ file }) => file),
      pressed: median(({ pressed }) => pressed),
      flooded: median(({ flooded }) => flooded),
      pressedRatio: median(({ pressed, file }) => pressed / file),
      floodedRatio: median(({ flooded, file }) => flooded / file),
      offered: median(({ offered }) => offered),
      cpu: Object.fromEntries(programs.map((name) => [name, median(({ cpu }) => cpu[name] ?? NaN)])),
      rounds: all.map(({ file, pressed, flooded }) => ({ file, pressed, flooded })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Paints some frames into a file, which can be played faster than they can be painted; frame-node's arguments for it.
 *
 * @param {string} folder
 * @param {string} shape
 * @param {string} format
 */
export function paint(folder, shape, format) {
  const { dtype, channels } = FORMATS[format] ?? /** @type {never} */ (undefined);
  const [height = 0, width = 0] = shape.split("x").map(Number);
  const bytes = height * width * channels * (dtype === "uint16" ? 2 : 1);
  const frames = Math.min(LOOP_FRAMES, Math.max(8, Math.floor(LOOP_BYTES / bytes)));
  const file = join(folder, "movie.npy");
  const sides = channels === 1 ? shape : `${shape}x${channels}`;
  const args = [file, "synthetic", "--shape", sides, "--dtype", dtype, "--frames", String(frames)];
  const painted = spawnSync(binary("examples/movie"), args, { encoding: "utf8" });
  if (painted.status !== 0) throw new Error(`movie: ${painted.error?.message ?? painted.stderr}`);
  const range = painted.stdout.trim();
  return [file, "--loop", ...(range === "" ? [] : ["--range", range])];
}

/**
 * Lets a runner encode the frames for a while and keeps what it tells its ffmpeg, and what it feeds it: `arguments` and
 * `input` in the folder. Frames that were left out because the encoder was busy are left out there, too.
 *
 * @param {string} folder
 * @param {string[]} source
 */
async function record(folder, source) {
  const recorder = join(folder, "recorder");
  const kept = (/** @type {string} */ name) => `'${join(folder, name)}'`;
  // The runner also asks for the version; and a second life, if there is one, records nothing: mkdir succeeds once.
  const script = `#!/bin/sh
case " $* " in *" pipe:0 "*) ;; *) exec ffmpeg "$@" ;; esac
mkdir ${kept("life")} 2>/dev/null || exec ffmpeg "$@"
printf '%s\\n' "$@" > ${kept("arguments")}
tee ${kept("input")} | ffmpeg "$@"
`;
  writeFileSync(recorder, script);
  chmodSync(recorder, 0o755);
  const rig = new Rig("bench recording", ["--ffmpeg", recorder]);
  try {
    await rig.startRunner();
    const [file = "", ...args] = source;
    const node = rig.frames(STREAM, file, ...args, "--fps", "max");
    await until("the recording is large enough", 4 * START_MS, () => recorded(folder) >= FILE_BYTES);
    await node.kill();
  } finally {
    await rig.stop();
  }
}

/** @param {string} folder Bytes so far. */
function recorded(folder) {
  return statSync(join(folder, "input"), { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Frames per second that ffmpeg takes from the file.
 *
 * @param {string} folder
 * @param {string} shape
 * @param {number} seconds At most: less where the file ends.
 */
async function fromFile(folder, shape, seconds) {
  const [height = 0, width = 0] = shape.split("x").map(Number);
  const frameBytes = height * width * 1.5;
  const total = recorded(folder);
  const args = readFileSync(join(folder, "arguments"), "utf8").trimEnd().split("\n");
  const output = join(folder, "output");
  mkdirSync(output);
  const input = openSync(join(folder, "input"), "r");
  const child = spawn("ffmpeg", args, { cwd: output, stdio: [input, "ignore", "ignore"] });
  const end = new Promise((resolve) => child.on("exit", resolve));
  closeSync(input);
  // What it has read: it holds no more than a frame, and nothing has to be asked of it.
  const look = () => ({ atMs: performance.now(), bytes: position(child.pid ?? 0) });
  try {
    const start = await until("ffmpeg reads", START_MS, () => {
      const now = look();
      return now.bytes > total * 0.05 && now;
    });
    const late = () => performance.now() - start.atMs > seconds * 1000;
    const stop = await until("ffmpeg has read enough", START_MS, () => {
      const now = look();
      return (late() || now.bytes > total * 0.9) && now;
    });
    return ((stop.bytes - start.bytes) / frameBytes / (stop.atMs - start.atMs)) * 1000;
  } finally {
    child.kill("SIGKILL");
    await end;
    rmSync(output, { recursive: true, force: true });
  }
}

/** Where a process stands in the file that is its standard input, bytes; see proc(5), fdinfo. @param {number} pid */
function position(pid) {
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/0`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Frames per second that were encoded of those that are published at a rate.
 *
 * @param {Rig} rig
 * @param {string[]} source
 * @param {string} fps
 * @param {number} seconds
 */
async function pipeline(rig, [file = "", ...args], fps, seconds) {
  const look = async () => {
    const { encoder, seq, session } = /** @type {any} */ (await rig.stream("frame", STREAM));
    return { atMs: performance.now(), encoded: encoder.encoded, seq, session };
  };
  const before = /** @type {any} */ (await rig.stream("frame", STREAM));
  const node = rig.frames(STREAM, file, ...args, "--fps", fps);
  try {
    const first = await until("frames are encoded", START_MS, async () => {
      const now = (await rig.stream("frame", STREAM)) !== null && (await look());
      return now && now.session !== before?.session && now.encoded > (before?.encoder.encoded ?? 0) && now;
    });
    await until("it has settled", START_MS, () => performance.now() - first.atMs > SETTLE_S * 1000);
    const usage = new Usage({
      runner: [rig.runner.pid],
      ffmpeg: rig.runner.children("ffmpeg"),
      "frame-node": [node.pid],
    });
    const start = await look();
    await until(
      "time is over",
      START_MS + seconds * 1000,
      () => performance.now() - start.atMs > seconds * 1000,
    );
    const stop = await look();
    const { cpu } = usage.used();
    const of = (/** @type {"encoded" | "seq"} */ name) =>
      ((stop[name] - start[name]) * 1000) / (stop.atMs - start.atMs);
    return { encoded: of("encoded"), offered: of("seq"), cpu };
  } finally {
    await node.kill();
  }
}
