import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accounted } from "./accounted.js";
import { players } from "./frames.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 20_000;
/** Picture and chart go on in the open page within this after what was killed is back, ms. */
const RECOVERY_MS = 5000;
/** A frozen picture must not look live for longer, ms. */
const FROZEN_MS = 3000;

const SMALL = ["--shape", "96x128", "--dtype", "uint8", "--fps", "25"];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test("after kill -9 of a frame node and its restart the picture goes on, and nothing else notices", async (t) => {
  const { rig, viewer, nodes } = await playing(t);
  await nodes.victim.kill();
  await viewer.becomes("frame", "victim", "stalled", FROZEN_MS);
  const backMs = Date.now();
  rig.frames("victim", "barcode", ...SMALL);
  t.diagnostic(`picture after ${await goesOn(viewer, "victim", backMs, RECOVERY_MS)} ms`);
  await viewer.becomes("frame", "victim", "live", RECOVERY_MS);
  await unnoticed(viewer, rig, "other");
  assert.equal(viewer.navigations, 1);
});

test("after kill -9 of an encoder the picture goes on, and nothing else notices", async (t) => {
  const { rig, viewer } = await playing(t);
  const pid = await until("the victim has an encoder", SOON_MS, () => rig.encoder("victim"));
  const killedMs = Date.now();
  process.kill(pid, "SIGKILL");
  t.diagnostic(`picture after ${await goesOn(viewer, "victim", killedMs, RECOVERY_MS)} ms`);
  await viewer.becomes("frame", "victim", "live", RECOVERY_MS);
  const { encoder } = /** @type {any} */ (await rig.stream("frame", "victim"));
  assert.equal(encoder.restarts, 1);
  await unnoticed(viewer, rig, "other");
  assert.equal(viewer.navigations, 1);
});

test("after kill -9 of the runner and its restart pictures and charts go on in the open page", async (t) => {
  const { rig, viewer } = await playing(t);
  const run = await viewer.page.locator("[data-run]").getAttribute("data-run");
  await rig.runner.kill();
  await until("the page says that nothing is live", FROZEN_MS, async () => {
    const states = [
      await viewer.fact("frame", "other", "data-state"),
      await viewer.fact("metric", "chart", "data-state"),
    ];
    return (await viewer.connection()) !== "open" && !states.includes("live");
  });
  await rig.startRunner();
  const backMs = Date.now();
  const [chart, ...pictures] = await Promise.all([
    chartGoesOn(viewer, backMs, RECOVERY_MS),
    goesOn(viewer, "victim", backMs, RECOVERY_MS),
    goesOn(viewer, "other", backMs, RECOVERY_MS),
  ]);
  t.diagnostic(`pictures after ${pictures.join(" and ")} ms, chart after ${chart} ms`);
  for (const id of ["victim", "other"]) await viewer.becomes("frame", id, "live", RECOVERY_MS);
  assert.notEqual(await viewer.page.locator("[data-run]").getAttribute("data-run"), run);
  assert.equal(viewer.navigations, 1);
});

test("after kill -9 of a metric node and its restart the chart goes on", async (t) => {
  const { rig, viewer, nodes } = await playing(t);
  await nodes.chart.kill();
  await viewer.becomes("metric", "chart", "stalled", FROZEN_MS);
  const backMs = Date.now();
  rig.metrics("chart", "synthetic");
  t.diagnostic(`chart after ${await chartGoesOn(viewer, backMs, RECOVERY_MS)} ms`);
  await viewer.becomes("metric", "chart", "live", RECOVERY_MS);
  await unnoticed(viewer, rig, "other");
  assert.equal(viewer.navigations, 1);
});

test("a frozen producer is called stalled, and live when it goes on", async (t) => {
  const { rig, viewer, nodes } = await playing(t);
  nodes.victim.signal("SIGSTOP");
  await viewer.becomes("frame", "victim", "stalled", FROZEN_MS);
  assert.equal(await viewer.fact("frame", "other", "data-state"), "live");
  const backMs = Date.now();
  nodes.victim.signal("SIGCONT");
  t.diagnostic(`picture after ${await goesOn(viewer, "victim", backMs, RECOVERY_MS)} ms`);
  await viewer.becomes("frame", "victim", "live", RECOVERY_MS);
  await unnoticed(viewer, rig, "other");
});

test("a lost websocket is shown, nothing looks live, and all comes back by itself", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...SMALL);
  /** @type {import("playwright-core").WebSocketRoute[]} */
  const sockets = [];
  let cut = false;
  const viewer = await Viewer.open(browser, rig.url, {}, (page) =>
    page.routeWebSocket(/\/ws$/, (socket) => {
      if (cut) return void socket.close();
      socket.connectToServer();
      sockets.push(socket);
    }),
  );
  await viewer.becomes("frame", "bars", "live", SOON_MS);

  cut = true;
  for (const socket of sockets) await socket.close();
  await until(
    "the connection is said to be lost",
    FROZEN_MS,
    async () => (await viewer.connection()) === "closed",
  );
  assert.equal(await viewer.fact("frame", "bars", "data-state"), "offline");

  cut = false;
  const backMs = Date.now();
  await viewer.becomes("frame", "bars", "live", RECOVERY_MS);
  await goesOn(viewer, "bars", backMs, RECOVERY_MS);
  assert.equal(await viewer.connection(), "open");
});

/**
 * Two pictures and a chart that play.
 *
 * @param {import("node:test").TestContext} t
 */
async function playing(t) {
  const rig = await Rig.start(t);
  const nodes = {
    victim: rig.frames("victim", "barcode", ...SMALL),
    other: rig.frames("other", "barcode", ...SMALL),
    chart: rig.metrics("chart", "synthetic"),
  };
  const viewer = await Viewer.open(browser, rig.url);
  await viewer.becomes("metric", "chart", "live", SOON_MS);
  for (const id of ["victim", "other"]) {
    await until(`${id} plays steadily`, SOON_MS, async () => (await viewer.shown(id)).length > 50);
  }
  return { rig, viewer, nodes };
}

/**
 * Waits for a frame on screen that was captured after a moment; how long after it the frame came, ms.
 *
 * @param {Viewer} viewer
 * @param {string} id
 * @param {number} sinceMs ms since the Unix epoch.
 * @param {number} withinMs
 */
async function goesOn(viewer, id, sinceMs, withinMs) {
  const frame = await until(`${id} shows a frame captured after the fault`, withinMs, async () =>
    (await viewer.shown(id, sinceMs)).find(({ tMs }) => tMs !== null && tMs >= sinceMs),
  );
  return frame.atMs - sinceMs;
}

/**
 * The same of a sample in the chart.
 *
 * @param {Viewer} viewer
 * @param {number} sinceMs
 * @param {number} withinMs
 */
async function chartGoesOn(viewer, sinceMs, withinMs) {
  await until(
    "the chart shows a sample taken after the fault",
    withinMs,
    async () => Number(await viewer.fact("metric", "chart", "data-last-t-ms")) >= sinceMs,
  );
  return Date.now() - sinceMs;
}

/**
 * Asserts that a stream which had no fault was shown by one player, in order, and that every gap was counted elsewhere.
 *
 * @param {Viewer} viewer
 * @param {Rig} rig
 * @param {string} id
 */
async function unnoticed(viewer, rig, id) {
  assert.equal(players(await viewer.shown(id)).length, 1, `${id} plays on in the same player`);
  const { drops } = /** @type {any} */ (await rig.stream("frame", id));
  assert.equal(drops.encoder, 0);
  await accounted(viewer, rig, id);
}
