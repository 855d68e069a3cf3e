import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accounted } from "./accounted.js";
import { account, latencies, players, quantile } from "./frames.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 20_000;
/** Far above what it takes, far below what any path of whole segments could do, ms. */
const LIVE_MS = 500;
/** Key frames are this far apart, ms: no picture may be older when a page begins. */
const GOP_MS = 1000;
/** Until a page that was stopped is live again, ms. */
const BACK_MS = 1000;
/** Frames from one key frame to the next. */
const GOP_FRAMES = 30;

const BARS = ["--shape", "512x512", "--dtype", "uint8", "--fps", "30"];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const path of ["webcodecs", "mse"]) {
  test(`${path}: pictures are on screen at once, in order, and every missing one is counted`, async (t) => {
    const rig = await Rig.start(t);
    rig.frames("bars", "barcode", ...BARS);
    await until("the stream is on", SOON_MS, async () => (await rig.stream("frame", "bars"))?.live);
    const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`);
    const shown = await until("200 frames on screen", SOON_MS, async () => {
      const frames = await viewer.shown("bars");
      return frames.length >= 200 && frames;
    });
    assert.deepEqual([...new Set(shown.flatMap(({ said }) => said?.path || []))], [path]);
    assert.equal(players(shown).length, 1, "one player does it all");
    // It begins with the newest key frame, not with what somebody kept for it.
    const first = shown[0];
    const openedMs = await viewer.openedMs();
    assert.ok((first?.tMs ?? 0) > openedMs - GOP_MS - LIVE_MS, "the first picture is an old one");
    const median = quantile(latencies(shown.slice(100)), 0.5);
    const p95 = quantile(latencies(shown.slice(100)), 0.95);
    t.diagnostic(
      `first picture after ${(first?.atMs ?? NaN) - openedMs} ms, capture to screen ${median} ms, 95 % ${p95} ms`,
    );
    assert.ok(median < LIVE_MS, `pictures are ${median} ms old`);
    t.diagnostic(await accounted(viewer, rig, "bars"));
    assert.deepEqual(viewer.errors, []);
    assert.deepEqual(await viewer.violations(), []);
  });

  test(`${path}: what is skipped right behind the first picture is counted`, async (t) => {
    const rig = await Rig.start(t);
    rig.frames("bars", "barcode", ...BARS);
    await until("the stream is on", SOON_MS, async () => (await rig.stream("frame", "bars"))?.live);
    // A page that is slow to begin acknowledges nothing meanwhile; then the runner has to skip it ahead.
    const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`, {}, async (page) => {
      await page.addInitScript(() => {
        /** @type {(() => void)[]} */
        const waiting = [];
        let slow = true;
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (/** @type {string} */ data) {
          if (slow && this.url.includes("/ws/live/")) waiting.push(() => send.call(this, data));
          else send.call(this, data);
        };
        const quicken = () => {
          slow = false;
          for (const late of waiting.splice(0)) late();
        };
        Object.assign(window, { quicken });
      });
    });
    const { seq: first } = await until("a picture", SOON_MS, async () => (await viewer.shown("bars"))[0]);
    // Fewer than that may be under way; soon enough that the picture does not count as frozen.
    await until("the next key frame is there", SOON_MS, async () => {
      return (await rig.stream("frame", "bars"))?.seq > (first ?? NaN) + GOP_FRAMES;
    });
    await viewer.page.evaluate(() => /** @type {any} */ (window).quicken());
    await until("it plays on", SOON_MS, async () => (await viewer.shown("bars")).length > 60);
    const shown = await viewer.shown("bars");
    assert.equal(players(shown).length, 1, "one player does it all");
    assert.ok(players(shown).map(account)[0]?.missing, "nothing was skipped");
    t.diagnostic(await accounted(viewer, rig, "bars"));
  });

  test(`${path}: a browser that stood still is live again at once, and nobody else notices`, async (t) => {
    const rig = await Rig.start(t);
    rig.frames("bars", "barcode", ...BARS);
    await until("the stream is on", SOON_MS, async () => (await rig.stream("frame", "bars"))?.live);
    const other = await launch();
    t.after(() => other.close());
    const [stopped, steady] = await Promise.all([
      Viewer.open(other, `${rig.url}?path=${path}`),
      Viewer.open(browser, `${rig.url}?path=${path}`),
    ]);
    for (const viewer of [stopped, steady]) {
      await until("it plays steadily", SOON_MS, async () => (await viewer.shown("bars")).length > 60);
    }
    const session = await other.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    assert.ok(renderers.length > 0);
    const stoppedMs = Date.now();
    for (const pid of renderers) process.kill(pid, "SIGSTOP");
    await until("8 s are over", 10_000, () => Date.now() - stoppedMs > 8000);
    const wokenMs = Date.now();
    for (const pid of renderers) process.kill(pid, "SIGCONT");

    const back = await until("it shows live pictures again", SOON_MS, async () =>
      (await stopped.shown("bars", wokenMs)).find(({ tMs, atMs }) => tMs !== null && atMs - tMs < LIVE_MS),
    );
    t.diagnostic(`live again ${back.atMs - wokenMs} ms after it went on`);
    assert.ok(back.atMs - wokenMs < BACK_MS, `only after ${back.atMs - wokenMs} ms`);
    await until("it plays on", SOON_MS, async () => (await stopped.shown("bars", back.atMs)).length > 60);
    const after = await stopped.shown("bars", back.atMs);
    assert.ok(quantile(latencies(after), 0.5) < LIVE_MS, "and stays live");
    assert.ok(Number(await stopped.fact("frame", "bars", "data-missed")) > 100, "it is told what it missed");
    t.diagnostic(await accounted(stopped, rig, "bars"));

    const meanwhile = (await steady.shown("bars", stoppedMs)).filter(({ atMs }) => atMs < wokenMs);
    const gaps = meanwhile.slice(1).map(({ atMs }, i) => atMs - (meanwhile[i]?.atMs ?? NaN));
    t.diagnostic(`the other one waited at most ${Math.max(...gaps)} ms for a picture`);
    assert.ok(Math.max(...gaps) < 1500, "the other one stalled");
    assert.ok(quantile(latencies(meanwhile), 0.5) < LIVE_MS, "the other one fell back");
    await accounted(steady, rig, "bars");
  });
}
