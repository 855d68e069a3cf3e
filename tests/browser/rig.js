/** A runner and its nodes, each a real process on a free port. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./process.js";
import { playlist } from "./segments.js";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Logs and screenshots. */
export const RESULTS = join(ROOT, "test-results", "browser");
/** `debug` or `release`: which of the built binaries run. */
const PROFILE = process.env.STREAMVIEW_TEST_PROFILE ?? "debug";
/** A debug build on a busy machine takes its time to start, ms. */
const START_MS = 20_000;

/** A recording for tests, or null where there is none. @param {string} name */
export function recording(name) {
  const folders = [process.env.STREAMVIEW_TEST_DATA, join(ROOT, "../shared/data")];
  return folders.flatMap((folder) => (folder ? [join(folder, name)] : [])).find(existsSync) ?? null;
}

/** For `test`'s `skip`: the reason why a recording cannot be used, or false. @param {string} name */
export function missing(name) {
  return recording(name) === null ? `${name} is not in STREAMVIEW_TEST_DATA` : false;
}

/** @param {string} name */
export function binary(name) {
  const path = join(process.env.STREAMVIEW_BIN ?? join(ROOT, "target", PROFILE), name);
  if (!existsSync(path)) throw new Error(`${path} is not there: build the workspace first`);
  return path;
}

export class Rig {
  url = "";
  ingest = "";
  /** @type {Process[]} */
  #nodes = [];
  /** @type {Process | null} */
  #runner = null;

  /** @param {string} name Folder of the logs. @param {string[]} runnerArgs */
  constructor(name, runnerArgs) {
    this.folder = join(RESULTS, name.replaceAll(/[^a-z0-9]+/gi, "-"));
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    this.temp = mkdtempSync(join(tmpdir(), "streamview-test-"));
    this.runnerArgs = runnerArgs;
  }

  /**
   * Starts a runner, and ends everything when the test does.
   *
   * @param {{ name: string, after: (end: () => Promise<void>) => void }} test
   * @param {string[]} [runnerArgs]
   */
  static async start(test, runnerArgs = []) {
    const rig = new Rig(test.name, runnerArgs);
    test.after(() => rig.stop());
    await rig.startRunner();
    return rig;
  }

  get runner() {
    if (this.#runner === null) throw new Error("the runner was not started");
    return this.#runner;
  }

  /** Starts the runner; the second time on the ports of the first. */
  async startRunner() {
    const listen = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    const ingest = this.ingest === "" ? "127.0.0.1:0" : this.ingest.replace("tcp://", "");
    const kept = ["--temp-dir", this.temp, "--state", join(this.temp, "state")];
    const args = ["--listen", listen, "--ingest", ingest, ...kept, ...this.runnerArgs];
    this.#runner = new Process(binary("runner"), args, join(this.folder, "runner.log"));
    this.url = await this.#runner.logged(/open (http:\S+\/)/, START_MS);
    this.ingest = await this.#runner.logged(/nodes connect to (tcp:\S+)/, START_MS);
  }

  /**
   * Publishes frames as `stream`.
   *
   * @param {string} stream
   * @param {string} source
   * @param {...string} args
   */
  frames(stream, source, ...args) {
    return this.#node("frame-node", stream, source, args);
  }

  /**
   * Publishes series as `stream`.
   *
   * @param {string} stream
   * @param {string} source
   * @param {...string} args
   */
  metrics(stream, source, ...args) {
    return this.#node("metric-node", stream, source, args);
  }

  /**
   * Publishes frames as `stream` and takes note of when each was captured.
   *
   * @param {string} stream
   * @param {string} source
   * @param {...string} args
   * @returns {() => Map<number, number>} Number to capture time, ms since the Unix epoch, of the frames so far.
   */
  timedFrames(stream, source, ...args) {
    const file = join(this.folder, `${stream}-times.csv`);
    this.frames(stream, source, ...args, "--times", file);
    return () => {
      const lines = readFileSync(file, "utf8").split("\n").slice(1, -1);
      return new Map(
        lines.map((line) => {
          const [seq = "", ns = ""] = line.split(",");
          // As a whole it is more than a float can hold.
          return [Number(seq), Number(ns.slice(0, -6)) + Number(ns.slice(-6)) / 1e6];
        }),
      );
    };
  }

  /** @param {string} program @param {string} stream @param {string} source @param {string[]} args */
  #node(program, stream, source, args) {
    const all = [source, "--stream", stream, "--connect", this.ingest, ...args];
    const node = new Process(binary(program), all, join(this.folder, `${program}-${stream}.log`));
    this.#nodes.push(node);
    return node;
  }

  /**
   * Pid of the encoder of a stream, which writes the segments that its playlist names; null while there is none.
   *
   * @param {string} stream
   */
  async encoder(stream) {
    const newest = (await playlist(this.url, stream))?.at(-1)?.name.replace(/_\d+\.ts$/, "_");
    return newest === undefined ? null : (this.runner.children("ffmpeg", newest)[0] ?? null);
  }

  /**
   * What the runner says of a stream.
   *
   * @param {"frame" | "metric"} kind
   * @param {string} id
   * @returns {Promise<Record<string, any> | null>}
   */
  async stream(kind, id) {
    const answer = await fetch(new URL("/api/v1/streams", this.url));
    const body = /** @type {any} */ (await answer.json());
    const streams = /** @type {any[]} */ (body.streams ?? body);
    return streams.find((stream) => stream.kind === kind && stream.id === id) ?? null;
  }

  async stop() {
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await this.#runner?.stop();
    rmSync(this.temp, { recursive: true, force: true });
  }
}
