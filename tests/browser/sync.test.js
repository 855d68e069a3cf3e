import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, sync } from "./frames.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 30_000;

/** A source as they are: not quite regular, and not quite complete. */
const BARS = ["--shape", "240x320", "--dtype", "uint8", "--number-series"];
const ODD = ["--fps", "23.7", "--jitter", "30", "--drop", "0.05"];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const path of ["exact", "webcodecs", "mse", "llhls", "hls"]) {
  test(`${path}: the number beside every picture and under the cursor is that of the picture`, async (t) => {
    const rig = await Rig.start(t);
    const times = rig.timedFrames("bars", "barcode", ...BARS, ...ODD);
    const viewer = await playing(rig, path);
    await until("240 frames on screen", SOON_MS, async () => (await viewer.shown("bars")).length >= 240);
    const shown = await viewer.shown("bars");
    assert.ok(account(shown).missing > 0, "frames were lost on purpose: the numbers are not just counted on");
    inStep(t, shown, times());
  });
}

// One that hears of every frame by itself, and one that tells frames by the dates of segments.
for (const path of ["mse", "llhls"]) {
  test(`${path}: that stays so after kill -9 of the encoder`, async (t) => {
    const rig = await Rig.start(t);
    const times = rig.timedFrames("bars", "barcode", ...BARS, ...ODD);
    const viewer = await playing(rig, path);
    const pid = await until("there is an encoder", SOON_MS, () => rig.encoder("bars"));
    const before = (await viewer.shown("bars")).at(-1)?.seq ?? NaN;
    process.kill(pid, "SIGKILL");
    const killedMs = Date.now();
    await until("100 frames of the next one on screen", SOON_MS, async () => {
      const frames = await viewer.shown("bars", killedMs);
      return frames.filter(({ tMs }) => (tMs ?? 0) > killedMs).length >= 100;
    });
    const { encoder } = /** @type {any} */ (await rig.stream("frame", "bars"));
    assert.equal(encoder.restarts, 1);
    const shown = await viewer.shown("bars");
    assert.ok((shown.at(-1)?.seq ?? 0) > before + 100);
    inStep(t, shown, times());
  });
}

/** A page that plays on a path, chart and all. @param {Rig} rig @param {string} path */
async function playing(rig, path) {
  await until(`${path} is there`, SOON_MS, async () => {
    const { seq, live, llhls, hls } = (await rig.stream("frame", "bars")) ?? {};
    return { exact: seq, webcodecs: live, mse: live, llhls, hls }[path];
  });
  const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`);
  await until("the chart stands at the picture", SOON_MS, async () => {
    const said = (await viewer.shown("bars")).at(-1)?.said;
    return said?.path === path && said.value !== null;
  });
  return viewer;
}

/**
 * Asserts that the page was never wrong, and never further behind the picture than a frame on screen.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./probe.js").Shown[]} shown
 * @param {Map<number, number>} times
 */
function inStep(t, shown, times) {
  // Until the chart has its first samples there is nothing to be right or wrong about.
  const from = shown.findIndex(({ said }) => said !== null && said.value !== null);
  const { frames, wrong, ahead, silent, picture, cursor, value } = sync(shown.slice(from), times);
  const off = (/** @type {number[]} */ list) =>
    `${list.filter((by) => by > 0).length} by up to ${Math.max(...list)}`;
  t.diagnostic(
    `${frames} of ${shown.length - from} frames; behind the picture: number ${off(picture)}, cursor ${off(cursor)}, ` +
      `value ${off(value)}; no value ${silent}`,
  );
  assert.deepEqual(wrong, [], "numbers stand beside another time than their own");
  assert.deepEqual(ahead, [], "numbers stand beside pictures that were captured before");
  assert.ok(frames > 0.5 * (shown.length - from), "it says which frame is on screen");
  assert.ok(Math.max(...picture) <= 1, "the number is further behind the picture than a frame");
  // Samples come another way than pictures: on a machine that is too busy they come later, but they come.
  for (const list of [cursor, value]) {
    const close = list.filter((by) => by <= 1).length;
    assert.ok(close > 0.9 * frames, "the chart does not keep up with the picture");
  }
}
