/** A real process: its log in a file, its end certain. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { until } from "./until.js";

/** Everything that is alive. Whatever ends this process ends them too. @type {Set<Process>} */
const alive = new Set();
process.on("exit", () => alive.forEach((one) => one.signal("SIGKILL")));
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(name, () => process.exit(1));

/** How long a process may take to stop when asked to, ms. */
const STOP_MS = 5000;

export class Process {
  /** Everything that it wrote. */
  log = "";
  ended = false;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {string} logFile
   */
  constructor(program, args, logFile) {
    this.program = program;
    mkdirSync(dirname(logFile), { recursive: true });
    const file = createWriteStream(logFile, { flags: "a" });
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    alive.add(this);
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        this.log += text;
        file.write(text);
      });
    }
    /** @type {Promise<string>} Resolves to how it ended. */
    this.end = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    void this.end.then((how) => {
      this.ended = true;
      alive.delete(this);
      file.end(`-- ${how}\n`);
    });
  }

  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.program} was not started`);
    return this.child.pid;
  }

  /** @param {NodeJS.Signals} name */
  signal(name) {
    this.child.kill(name);
  }

  /**
   * What the first group of `pattern` matched in the log.
   *
   * @param {RegExp} pattern
   * @param {number} withinMs
   */
  async logged(pattern, withinMs) {
    return until(`${this.program} logs ${pattern}`, withinMs, () => {
      const found = pattern.exec(this.log)?.[1];
      if (found === undefined && this.ended)
        throw new Error(`${this.program} ended: ${this.log.slice(-2000)}`);
      return found;
    });
  }

  /** Ends it at once, without a chance to say goodbye, and waits for the end. */
  async kill() {
    this.signal("SIGKILL");
    await this.end;
  }

  /** Asks it to stop, and insists. */
  async stop() {
    if (this.ended) return;
    this.signal("SIGCONT");
    this.signal("SIGINT");
    const insist = setTimeout(() => this.signal("SIGKILL"), STOP_MS);
    await this.end;
    clearTimeout(insist);
  }

  /**
   * Pids of the children whose command line has all these words.
   *
   * @param {...string} words
   */
  children(...words) {
    return children(this.pid).filter((pid) => words.every((word) => command(pid).includes(word)));
  }
}

/** @param {number} parent Pids of its children. */
function children(parent) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) === parent);
}

/**
 * Pids of the children, and of theirs, whose command line has a word.
 *
 * @param {number} ancestor
 * @param {string} word
 * @returns {number[]}
 */
export function descendants(ancestor, word) {
  return children(ancestor).flatMap((pid) => [
    ...(command(pid).includes(word) ? [pid] : []),
    ...descendants(pid, word),
  ]);
}

/** @param {number} pid */
function command(pid) {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

/**
 * CPU time that a process used so far, seconds; 0 when it is gone. See proc(5), utime and stime.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  const TICKS_PER_S = 100;
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_S;
}

/**
 * Memory of a process, bytes, of which it shares pages with others in equal parts (proportional set size), so that sums
 * count nothing twice; 0 when it is gone. See proc(5), smaps_rollup.
 *
 * @param {number} pid
 */
export function memoryBytes(pid) {
  return 1024 * Number(/^Pss:\s*(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Text of a file that may be gone at any moment. @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
