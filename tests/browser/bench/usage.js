/** CPU and memory of processes, from /proc. */
import { readFileSync } from "node:fs";
import { cpuSeconds, memoryBytes } from "../process.js";

/**
 * @typedef {object} Used
 * @property {Record<string, number>} cpu CPUs in use by each group; `others`: by whatever else ran on the machine.
 * @property {Record<string, number>} memory Bytes of each group: its processes' proportional set sizes.
 */

/** @typedef {Record<string, number[]>} Groups Pids by name. */

/** What the groups of processes use from now on. */
export class Usage {
  #before;

  /** @param {Groups} groups */
  constructor(groups) {
    this.groups = groups;
    this.#before = look(groups);
  }

  /** So far. @returns {Used} */
  used() {
    const [before, after] = [this.#before, look(this.groups)];
    const seconds = (after.atMs - before.atMs) / 1000;
    const cpu = mapped(after.cpu, (used, name) => (used - (before.cpu[name] ?? 0)) / seconds);
    const ours = Object.values(cpu).reduce((sum, used) => sum + used, 0);
    const memory = mapped(this.groups, (pids) => pids.reduce((sum, pid) => sum + memoryBytes(pid), 0));
    return { cpu: { ...cpu, others: Math.max(0, (after.all - before.all) / seconds - ours) }, memory };
  }
}

/** @param {Groups} groups */
function look(groups) {
  const fields =
    readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return {
    atMs: performance.now(),
    /** Seconds of CPU. */
    all: (user + nice + system + irq + softirq) / 100,
    cpu: mapped(groups, (pids) => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)),
  };
}

/**
 * @template T
 * @param {Record<string, T>} record
 * @param {(value: T, name: string) => number} f
 * @returns {Record<string, number>}
 */
function mapped(record, f) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));
}
