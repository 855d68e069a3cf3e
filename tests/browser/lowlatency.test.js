import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { accounted } from "./accounted.js";
import { account, latencies, players, quantile } from "./frames.js";
import { Process } from "./process.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 30_000;
/** Until the browser's counters agree with what it showed, ms. */
const COUNTED_MS = 5000;

const BARS = ["--shape", "512x512", "--dtype", "uint8", "--fps", "30"];
const HERE = (/** @type {string} */ name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

/** @param {import("node:test").TestContext} t */
async function playing(t) {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...BARS);
  const paths = await until("both playlists are there", SOON_MS, async () => {
    const { llhls, hls } = (await rig.stream("frame", "bars")) ?? {};
    return llhls && hls && { llhls: String(llhls), hls: String(hls) };
  });
  return { rig, paths };
}

test("LL-HLS in the page: pictures are on screen soon, in order, and every missing one is counted", async (t) => {
  const { rig } = await playing(t);
  const viewer = await Viewer.open(browser, `${rig.url}?path=llhls`);
  const shown = await until("200 frames on screen", SOON_MS, async () => {
    const frames = (await viewer.shown("bars")).filter(({ said }) => said?.path === "llhls");
    return frames.length >= 200 && frames;
  });
  const median = quantile(latencies(shown.slice(100)), 0.5);
  t.diagnostic(`capture to screen ${median} ms, 95 % ${quantile(latencies(shown.slice(100)), 0.95)} ms`);
  assert.ok(median < 1500, `pictures are ${median} ms old`);
  assert.equal(players(shown).length, 1, "one player does it all");
  t.diagnostic(await accounted(viewer, rig, "bars"));
  assert.deepEqual(viewer.errors, []);
  assert.deepEqual(viewer.warnings, []);
});

// Both playlists by a player that is not ours, at its own pace and as it finds them.
for (const { name, kind, mostMs } of /** @type {const} */ ([
  { name: "the playlist of parts", kind: "llhls", mostMs: 3000 },
  { name: "the playlist of segments", kind: "hls", mostMs: 15_000 },
])) {
  test(`hls.js plays ${name} without a word of complaint`, async (t) => {
    const { rig, paths } = await playing(t);
    // Players begin three segments before the end, or that much time.
    await until("four segments", SOON_MS, async () => {
      const answer = await fetch(new URL(paths[kind], rig.url));
      return (await answer.text()).split("#EXTINF").length > 4;
    });
    const page = new URL(`/player.html?src=${encodeURIComponent(paths[kind])}`, rig.url).href;
    const viewer = await Viewer.open(browser, page, {}, async (page) => {
      await page.route("**/player.html?*", (route) =>
        route.fulfill({ contentType: "text/html", body: HERE("player.html") }),
      );
      await page.route("**/hls.js", (route) =>
        route.fulfill({
          contentType: "text/javascript",
          body: HERE("node_modules/hls.js/dist/hls.min.js"),
        }),
      );
    });
    const shown = await until("150 frames on screen", SOON_MS, async () => {
      const frames = await viewer.shown("bars");
      return frames.length >= 150 && frames;
    });
    const { told, details } = await viewer.page.evaluate(() => {
      const { told, hls } = /** @type {any} */ (window);
      const { canBlockReload, partTarget, targetduration } = hls.latestLevelDetails ?? {};
      return { told, details: { canBlockReload, partTarget, targetduration } };
    });
    const median = quantile(latencies(shown.slice(-60)), 0.5);
    t.diagnostic(`${JSON.stringify({ ...told, ...details })}, capture to screen ${median} ms`);
    assert.deepEqual(told.errors, []);
    if (kind === "llhls") {
      assert.ok(told.parts > 10, "it takes parts");
      assert.equal(details.canBlockReload, true);
      assert.ok(details.partTarget > 0.05 && details.partTarget < 0.5);
    }
    assert.ok(median < mostMs, `pictures are ${median} ms old`);
    // The browser may count a drop a little later than it shows the frame behind it.
    let counted = "";
    const look = async () => {
      const { missing, backwards, unreadable, unseen, dropped } = account(await viewer.shown("bars"));
      const { drops } = /** @type {any} */ (await rig.stream("frame", "bars"));
      assert.deepEqual([backwards, unreadable], [0, 0]);
      const runner = drops.wire + drops.queue + drops.encoder;
      counted = `${missing} missing: ${unseen} unseen, ${dropped} dropped by the browser, ${runner} by the runner`;
      return missing <= unseen + dropped + runner;
    };
    await until("every missing frame is counted", COUNTED_MS, look).finally(() => t.diagnostic(counted));
    assert.deepEqual(viewer.errors, []);
    assert.deepEqual(viewer.warnings, []);
  });

  test(`ffprobe reads ${name} without a word of complaint`, async (t) => {
    const { rig, paths } = await playing(t);
    const args = ["-v", "warning", "-read_intervals", "%+4", "-count_frames", "-show_entries"];
    const url = new URL(paths[kind], rig.url).href;
    const log = `${rig.folder}/ffprobe.log`;
    const ffprobe = new Process("ffprobe", [...args, "stream=nb_read_frames", "-of", "csv=p=0", url], log);
    t.after(() => ffprobe.kill());
    await until("it has read four seconds", SOON_MS, () => ffprobe.ended);
    assert.equal(await ffprobe.end, "exit code 0");
    // It reads the initialisation segment again with every playlist, and wonders. It prints the number of frames twice.
    const told = ffprobe.log
      .split("\n")
      .filter((line) => line !== "" && !/duplicated MOOV|repeated/.test(line));
    const lines = [...new Set(told)];
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.ok(Number(lines[0]) > 60, `${lines[0]} frames in four seconds`);
  });
}
