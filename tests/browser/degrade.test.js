import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, players } from "./frames.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 20_000;

const BARS = ["--shape", "240x320", "--dtype", "uint8", "--fps", "30"];
const CODECS = ["VideoDecoder", "VideoFrame", "EncodedVideoChunk"];
const SOURCES = [
  "MediaSource",
  "ManagedMediaSource",
  "WebKitMediaSource",
  "SourceBuffer",
  "SourceBufferList",
];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

/** @type {{ name: string, without: string[], native?: boolean, path: string, said: RegExp | null }[]} */
const BROWSERS = [
  { name: "a browser that can everything", without: [], path: "webcodecs", said: null },
  { name: "a browser without WebCodecs", without: CODECS, path: "mse", said: /WebCodecs/ },
  {
    name: "a browser without Media Source Extensions",
    without: SOURCES,
    native: false,
    path: "webcodecs",
    said: null,
  },
  {
    name: "a browser that plays nothing but HLS, by itself,",
    without: [...CODECS, ...SOURCES],
    native: true,
    path: "native",
    said: /Media Source/,
  },
];

for (const { name, without, native, path, said } of BROWSERS) {
  test(`${name} plays by ${path}, and the page says why`, async (t) => {
    const rig = await Rig.start(t);
    rig.frames("bars", "barcode", ...BARS);
    await until("every way is there", SOON_MS, async () => {
      const { live, llhls, hls } = (await rig.stream("frame", "bars")) ?? {};
      return live && llhls && hls;
    });
    const viewer = await open(rig, without, native);
    const shown = await until("60 frames on screen", SOON_MS, async () => {
      const frames = (await viewer.shown("bars")).filter(({ said }) => said?.path === path);
      return frames.length >= 60 && frames;
    });
    const { unreadable } = account(shown);
    assert.equal(unreadable, 0);
    // A browser's own player joins where it likes, also when it has to join again: in order it plays all the same.
    for (const player of path === "native" ? players(shown) : [shown]) {
      assert.equal(account(player).backwards, 0, "it goes back");
    }
    assert.equal(await viewer.fact("frame", "bars", "data-state"), "live");
    if (said !== null) assert.match(await note(viewer), said);
    assert.deepEqual(viewer.errors, []);
  });
}

test("a browser that can play nothing is told so, and is not called live", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...BARS);
  rig.metrics("signals", "synthetic");
  const viewer = await open(rig, [...CODECS, ...SOURCES], false);
  // Whatever else is on the page works.
  await viewer.becomes("metric", "signals", "live", SOON_MS);
  await until("it says that it plays nothing", SOON_MS, async () =>
    /plays nothing/.test(await viewer.pane("frame", "bars").innerText()),
  );
  assert.notEqual(await viewer.fact("frame", "bars", "data-state"), "live");
  assert.deepEqual(await viewer.shown("bars"), []);
});

test("a path that was asked for and cannot be taken gives way to the next, and is named", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...BARS);
  const viewer = await open(rig, CODECS, undefined, "?path=webcodecs");
  await until(
    "it plays by mse",
    SOON_MS,
    async () => (await viewer.fact("frame", "bars", "data-path")) === "mse",
  );
  assert.match(await note(viewer), /WebCodecs/);
});

test("one control switches the path, and the choice is kept for the next visit", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...BARS);
  await until("every way is there", SOON_MS, async () => {
    const { live, llhls, hls } = (await rig.stream("frame", "bars")) ?? {};
    return live && llhls && hls;
  });
  const viewer = await open(rig, []);
  for (const path of ["mse", "llhls", "hls", "webcodecs"]) {
    await until("the first frame", SOON_MS, async () => (await viewer.shown("bars")).length > 0);
    await viewer.page.locator('select[aria-label*="path"]').first().selectOption(path);
    const sinceMs = Date.now();
    await until(`30 frames by ${path}`, SOON_MS, async () => {
      const frames = await viewer.shown("bars", sinceMs);
      return frames.filter(({ said }) => said?.path === path).length >= 30;
    });
  }
  await viewer.page.locator('select[aria-label*="path"]').first().selectOption("mse");
  await viewer.page.reload();
  await until(
    "it plays as before",
    SOON_MS,
    async () => (await viewer.fact("frame", "bars", "data-path")) === "mse",
  );
  assert.deepEqual(viewer.errors, []);
});

/**
 * Opens the page in a browser that lacks something.
 *
 * @param {Rig} rig
 * @param {string[]} without Globals.
 * @param {boolean} [native] Whether its video element takes HLS; as it is where not given.
 * @param {string} [query]
 */
function open(rig, without, native, query = "") {
  return Viewer.open(browser, `${rig.url}${query}`, {}, async (page) => {
    await page.addInitScript(
      ({ without, native }) => {
        for (const name of without) Reflect.deleteProperty(window, name);
        if (native === undefined) return;
        const canPlay = HTMLMediaElement.prototype.canPlayType;
        HTMLMediaElement.prototype.canPlayType = function (/** @type {string} */ type) {
          if (!/mpegurl/i.test(type)) return canPlay.call(this, type);
          return native ? "maybe" : "";
        };
      },
      { without, native },
    );
  });
}

/** What the page says about the path, tooltips included. @param {Viewer} viewer */
async function note(viewer) {
  const label = viewer.pane("frame", "bars").locator("label.path");
  return `${await label.innerText()} ${await label.getAttribute("title")}`;
}
