import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accounted } from "./accounted.js";
import { Rig } from "./rig.js";
import { delivered } from "./segments.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** For things that take a moment on a busy machine with a debug build, ms. */
const SOON_MS = 20_000;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test("a picture and a chart move, and streams that appear later show up without a reload", async (t) => {
  const rig = await Rig.start(t);
  const viewer = await Viewer.open(browser, rig.url);
  await until("the page is connected", SOON_MS, async () => (await viewer.connection()) === "open");

  rig.frames("cells", "synthetic", "--shape", "240x320");
  rig.metrics("signals", "synthetic");
  await viewer.becomes("frame", "cells", "live", SOON_MS);
  await viewer.becomes("metric", "signals", "live", SOON_MS);
  await pictureMoves(viewer, "cells");
  await chartMoves(viewer, "signals");

  rig.frames("later", "synthetic", "--shape", "120x160", "--seed", "5");
  rig.metrics("much-later", "synthetic", "--series", "2");
  await viewer.becomes("frame", "later", "live", SOON_MS);
  await viewer.becomes("metric", "much-later", "live", SOON_MS);
  await pictureMoves(viewer, "later");
  await chartMoves(viewer, "much-later");
  await pictureMoves(viewer, "cells");

  assert.equal(viewer.navigations, 1);
  assert.deepEqual(viewer.errors, []);
  assert.deepEqual(await viewer.violations(), []);
  assert.deepEqual(viewer.foreign, []);
});

test("frame numbers on the screen go up, and every missing one is accounted for", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", "--shape", "512x512", "--dtype", "uint8", "--fps", "30");
  // Until there is a playlist the page would take a faster way, from which it then goes back.
  await until("a playlist", SOON_MS, async () => (await rig.stream("frame", "bars"))?.hls);
  // Plain HLS: whatever it does not show can be looked for in the segments.
  const viewer = await Viewer.open(browser, `${rig.url}?path=hls`);
  await until("240 frames on screen", 2 * SOON_MS, async () => (await viewer.shown("bars")).length >= 240);

  t.diagnostic(await accounted(viewer, rig, "bars"));
  const codes = await delivered(rig.url, "bars");
  assert.ok(
    codes.every((code) => code !== null),
    "every delivered frame carries a valid code",
  );
  assert.ok(
    codes.every((code, i) => i === 0 || (code?.seq ?? 0) > (codes[i - 1]?.seq ?? 0)),
    "every frame is delivered once and in order",
  );
  // What was shown last may be in a segment that is not finished.
  const shown = await viewer.shown("bars");
  const [first = NaN, last = NaN] = [codes[0]?.seq, Math.min(codes.at(-1)?.seq ?? NaN, shown.at(-1)?.seq ?? NaN)];
  const within = codes.filter((code) => code !== null && code.seq <= last).length;
  const skippedByUs = last - first + 1 - within;
  const { drops } = /** @type {any} */ (await rig.stream("frame", "bars"));
  const counted = drops.wire + drops.queue + drops.encoder;
  assert.ok(skippedByUs <= counted, `${skippedByUs} frames were not delivered, ${counted} were counted`);
  // What the pane says of its latency is what can be read from the picture.
  const said = Number(await viewer.fact("frame", "bars", "data-latency-ms"));
  const read = (await viewer.shown("bars")).at(-1);
  assert.ok(Math.abs(said - ((read?.atMs ?? 0) - (read?.tMs ?? 0))) < 500, `the pane says ${said} ms`);
});

/** @param {Viewer} viewer @param {string} id */
async function pictureMoves(viewer, id) {
  const look = () => viewer.pixels(id, { width: 32, height: 24 });
  const before = await until(`a picture of ${id}`, SOON_MS, look);
  await until(`the picture of ${id} changes`, SOON_MS, async () => {
    const now = await look();
    return now?.rgb.some((value, i) => Math.abs(value - (before.rgb[i] ?? 0)) > 1);
  });
}

/** @param {Viewer} viewer @param {string} id */
async function chartMoves(viewer, id) {
  const lastMs = async () => Number(await viewer.fact("metric", id, "data-last-t-ms"));
  const before = await until(`a sample in the chart of ${id}`, SOON_MS, lastMs);
  await until(`the chart of ${id} goes on`, SOON_MS, async () => (await lastMs()) > before);
  assert.ok(Number(await viewer.fact("metric", id, "data-points")) > 0);
}
