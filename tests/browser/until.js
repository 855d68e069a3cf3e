/** Waiting for something to become true: never for a time to pass. */
import { setTimeout as pause } from "node:timers/promises";

/** Between two looks, ms. */
const LOOK_MS = 50;

/**
 * The first value of `look` that is neither undefined, null nor false.
 *
 * @template T
 * @param {string} what What is waited for, for the message of the error.
 * @param {number} withinMs
 * @param {() => Promise<T> | T} look
 * @returns {Promise<Exclude<T, undefined | null | false>>}
 * @throws {Error} After `withinMs`, with the last value.
 */
export async function until(what, withinMs, look) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== null && value !== false) {
      return /** @type {Exclude<T, undefined | null | false>} */ (value);
    }
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(LOOK_MS);
  }
}
