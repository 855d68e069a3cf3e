/** Frames that a viewer did not see, and who says that it lost them. */
import assert from "node:assert/strict";
import { account, players } from "./frames.js";
import { until } from "./until.js";

/** Until the browser's counters agree with what it showed, ms. */
const COUNTED_MS = 5000;

/**
 * Asserts that what a viewer saw of a stream came in order, every frame readable, and that every number it did not see
 * was counted: by the runner, as missed by this page, or by the browser.
 *
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("./rig.js").Rig} rig
 * @param {string} id
 * @returns {Promise<string>} What was counted, in words.
 */
export async function accounted(viewer, rig, id) {
  let words = "";
  const look = async () => {
    const shown = await viewer.shown(id);
    const { drops } = /** @type {any} */ (await rig.stream("frame", id));
    const page = Number(await viewer.fact("frame", id, "data-missed"));
    const skipped = Number(await viewer.fact("frame", id, "data-skipped"));
    const each = players(shown).map(account);
    const { frames, unreadable, backwards } = account(shown);
    const numbers = shown.flatMap(({ seq }) => seq ?? []);
    const missing = Math.max(...numbers) - Math.min(...numbers) + 1 - frames;
    assert.ok(frames > 0, `nothing of ${id} was on screen`);
    assert.equal(unreadable, 0, `pictures of ${id} carry no code`);
    assert.equal(backwards, 0, `${id} goes back`);
    const browser = each.reduce((sum, { unseen }) => sum + unseen, skipped);
    const runner = drops.wire + drops.queue + drops.encoder;
    words = `${frames} frames on screen by ${each.length} players, ${missing} not: ${browser} by the browser, ${runner} by the runner, ${page} missed`;
    return missing <= browser + runner + page;
  };
  try {
    // The browser may count a drop a little later than it shows the frame behind it; what we lose it never counts.
    await until("every missing frame is counted", COUNTED_MS, look);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.fail(`${id} lost frames that nobody counted: ${words}`);
  }
  return words;
}
