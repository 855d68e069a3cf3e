import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { quantile } from "./frames.js";
import { Rig } from "./rig.js";
import { delivered } from "./segments.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 30_000;
/** Back on the live path it is as quick as before, ms. */
const LIVE_MS = 500;
/** From a decoder to the screen, ms; and how many numbers of frames at most. */
const ARRIVAL_MS = 150;
const ARRIVAL_FRAMES = 5;
/** A segment of one second ends, is written and is in the playlist that is loaded next, ms. */
const STEP_MS = 3000;

const BARS = ["--shape", "240x320", "--dtype", "uint8", "--number-series"];
const ODD = ["--fps", "23.7", "--jitter", "30", "--drop", "0.05"];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const path of ["webcodecs", "llhls"]) {
  test(`${path}: a pause stands at the picture, arrows step one frame, and L goes live`, async (t) => {
    const { rig, viewer } = await playing(t, path);
    const stood = await pause(viewer);
    // The video takes the place of the live picture as soon as it has it: nobody can tell.
    await until("its segment is there", SOON_MS, async () => {
      const frames = await numbers(rig);
      const at = frames.indexOf(stood);
      return at > 40 && at < frames.length - 5;
    });
    const frames = await numbers(rig);
    let at = frames.indexOf(stood);
    for (const [key, times, step] of /** @type {const} */ ([
      ["ArrowLeft", 1, -1],
      ["ArrowRight", 1, 1],
      ["ArrowLeft", 7, -1],
      ["ArrowRight", 3, 1],
      ["ArrowLeft", 30, -1],
    ])) {
      for (let i = 0; i < times; i++) await viewer.page.keyboard.press(key);
      at += times * step;
      await stands(viewer, frames[at] ?? NaN, `${times} times ${key}`);
    }
    await goesLive(viewer, path);
    assert.deepEqual(viewer.errors, []);
  });
}

test("dragging the bar and clicking the chart move picture and cursor to one moment", async (t) => {
  const { rig, viewer } = await playing(t, "mse");
  await until("ten seconds to look back on", SOON_MS, async () => {
    const { dvr } = /** @type {any} */ (await rig.stream("frame", "bars"));
    return dvr !== null && dvr.to_ms - dvr.from_ms > 10_000;
  });
  await pause(viewer);
  /** @type {{ after: string, soughtMs: number, seq: number }[]} */
  const went = [];
  const bar = viewer.pane("frame", "bars").locator(".seekbar");
  for (const share of [0.2, 0.75, 0.4]) {
    const { width = 0, height = 0 } = (await bar.boundingBox()) ?? {};
    const [fromMs, toMs] = await Promise.all(
      ["data-from-ms", "data-to-ms"].map(async (name) => Number(await bar.getAttribute(name))),
    );
    const askedMs = (fromMs ?? NaN) + share * ((toMs ?? NaN) - (fromMs ?? NaN));
    const position = { x: width * share, y: height / 2 };
    const soughtMs = await arrives(viewer, () => bar.click({ position }));
    assert.ok(Math.abs(soughtMs - askedMs) < 1500, `the bar at ${share} leads ${soughtMs - askedMs} ms away`);
    went.push(await standsAt(viewer, soughtMs, `the bar at ${share}`));
  }
  const chart = viewer.pane("metric", "bars").locator(".chart");
  for (const share of [0.8, 0.5]) {
    const { width = 0, height = 0 } = (await chart.boundingBox()) ?? {};
    const position = { x: width * share, y: height / 2 };
    const soughtMs = await arrives(viewer, () => chart.click({ position }));
    went.push(await standsAt(viewer, soughtMs, `the chart at ${share}`));
  }
  const codes = (await delivered(rig.url, "bars")).flatMap((code) => code ?? []);
  for (const { after, soughtMs, seq } of went) {
    const awayMs = ({ tMs = NaN } = {}) => Math.abs(tMs - soughtMs);
    const best = Math.min(...codes.map(awayMs));
    // Barcodes tell whole ms.
    assert.ok(
      awayMs(codes.find((code) => code.seq === seq)) <= best + 1,
      `after ${after}: ${seq} is not nearest`,
    );
  }
  await goesLive(viewer, "mse");
});

test("steps lead across a restart of the encoder", async (t) => {
  const { rig, viewer } = await playing(t, "mse");
  const pid = await until("there is an encoder", SOON_MS, () => rig.encoder("bars"));
  process.kill(pid, "SIGKILL");
  const killedMs = Date.now();
  await until("a second of the next one", SOON_MS, async () => {
    const frames = await viewer.shown("bars", killedMs);
    return frames.filter(({ tMs }) => (tMs ?? 0) > killedMs).length > 24;
  });
  const stood = await pause(viewer);
  await until("its segment is there", SOON_MS, async () => (await numbers(rig)).indexOf(stood) >= 0);
  const frames = await numbers(rig);
  const at = frames.indexOf(stood);
  const lost = frames.slice(1).map((seq, i) => seq - (frames[i] ?? NaN));
  const border = lost.lastIndexOf(Math.max(...lost));
  assert.ok(at > border && border > 10, "the encoder took some frames with it");
  for (const target of [border + 2, border + 1, border, border - 5, border + 3]) {
    const from = (await viewer.look("bars"))?.seq ?? NaN;
    const steps = target - frames.indexOf(from);
    for (let i = 0; i < Math.abs(steps); i++) {
      await viewer.page.keyboard.press(steps < 0 ? "ArrowLeft" : "ArrowRight");
    }
    await stands(viewer, frames[target] ?? NaN, `${steps} steps`);
  }
});

test("who steps back at once sees that frame as soon as its segment is there", async (t) => {
  const { viewer } = await playing(t, "mse");
  const times = [];
  for (let i = 0; i < 5; i++) {
    const paused = await stop(viewer);
    const pressedMs = Date.now();
    await viewer.page.keyboard.press("ArrowLeft");
    // Frames are lost on purpose: the one before may be some numbers less.
    await until("the frame before is on screen", SOON_MS, async () => {
      const now = await viewer.look("bars");
      return now !== null && now.seq < paused.seq && now.seq > paused.seq - 6 && now.said.seq === now.seq;
    });
    times.push(Date.now() - pressedMs);
    await goesLive(viewer, "mse");
    await until("it plays on", SOON_MS, async () => (await viewer.shown("bars", pressedMs)).length > 20);
  }
  t.diagnostic(`after ${times.join(", ")} ms`);
  assert.ok(quantile(times, 0.5) < STEP_MS, `only after ${times.join(", ")} ms`);
  assert.deepEqual(viewer.errors, []);
});

test("the other pictures go to the moment of a step, also before their segment has it", async (t) => {
  const rig = await Rig.start(t);
  // Segments of the two end at different times.
  const FPS = { bars: 25, other: 19 };
  for (const [id, fps] of Object.entries(FPS)) {
    rig.frames(id, "barcode", "--shape", "240x320", "--dtype", "uint8", "--fps", String(fps));
    await until(`${id} is there`, SOON_MS, async () => (await rig.stream("frame", id))?.hls);
  }
  const viewer = await Viewer.open(browser, `${rig.url}?path=mse`);
  const plays = async () => {
    for (const id of Object.keys(FPS)) {
      const sinceMs = Date.now();
      await until(`${id} plays`, SOON_MS, async () => (await viewer.shown(id, sinceMs)).length > 20);
    }
  };
  for (let i = 0; i < 4; i++) {
    await plays();
    await viewer.pane("frame", "bars").locator("h2").click();
    const stood = await stop(viewer);
    await viewer.page.keyboard.press("ArrowLeft");
    let now = "";
    const together = async () => {
      const [bars, other] = [await viewer.look("bars"), await viewer.look("other")];
      now = JSON.stringify({ bars, other });
      if (bars === null || other === null || bars.seq >= stood.seq) return false;
      const apartMs = Math.abs(bars.tMs - other.tMs);
      // The next one is no nearer.
      if (bars.seq === stood.seq - 1 && apartMs <= 500 / FPS.other + 1) return true;
      // Unless that one was lost: a busy machine does not encode all.
      const [stepped, others] = await Promise.all(
        ["bars", "other"].map(async (id) => (await delivered(rig.url, id)).flatMap((code) => code ?? [])),
      );
      const before = stepped?.findLast(({ seq }) => seq < stood.seq)?.seq;
      const nearestMs = Math.min(...(others ?? []).map(({ tMs }) => Math.abs(tMs - bars.tMs)));
      now += ` while ${before} comes before, and there is one ${nearestMs} ms away`;
      const encoded = stepped?.some(({ seq }) => seq === stood.seq) && (others?.at(-1)?.tMs ?? 0) > bars.tMs;
      return encoded && bars.seq === before && apartMs <= nearestMs + 1;
    };
    await until("both are at one moment", SOON_MS, together).catch((error) =>
      assert.fail(`${error.message} after ${stood.seq}: ${now}`),
    );
    await goesLive(viewer, "mse");
  }
  assert.deepEqual(viewer.errors, []);
});

/** @param {import("node:test").TestContext} t @param {string} path */
async function playing(t, path) {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", ...BARS, ...ODD);
  await until("every way is there", SOON_MS, async () => {
    const { live, llhls, hls } = (await rig.stream("frame", "bars")) ?? {};
    return live && llhls && hls;
  });
  const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`);
  await until("it plays steadily", SOON_MS, async () => {
    const frames = await viewer.shown("bars");
    return frames.length > 100 && frames.at(-1)?.said?.path === path;
  });
  return { rig, viewer };
}

/** Numbers of the frames that can be scrubbed to, read out of the segments. @param {Rig} rig */
async function numbers(rig) {
  return (await delivered(rig.url, "bars")).flatMap((code) => code?.seq ?? []);
}

/**
 * Presses the key, and waits until what was on its way to the screen is there: frames beside it, and no other ones.
 *
 * @param {Viewer} viewer
 * @returns {Promise<import("./probe.js").Look>} What is on screen then.
 */
async function stop(viewer) {
  await viewer.page.keyboard.press(" ");
  /** @type {{ look: import("./probe.js").Look, sinceMs: number } | null} */
  let stands = null;
  let first = NaN;
  return until("it is paused", SOON_MS, async () => {
    const mode = await viewer.fact("frame", "bars", "data-mode");
    const look = await viewer.look("bars");
    if (mode !== "paused" || look === null) return null;
    if (isNaN(first)) first = look.seq;
    // One back has been seen on a busy machine, and no more.
    const near = look.seq >= first - 1 && look.seq <= first + ARRIVAL_FRAMES;
    assert.ok(near, `the picture moves while it is paused: from ${first} to ${look.seq}`);
    if (look.said.seq !== look.seq) return null;
    if (stands?.look.seq !== look.seq) stands = { look, sinceMs: Date.now() };
    return Date.now() - stands.sinceMs > ARRIVAL_MS && look;
  });
}

/** Pauses, and sees that the picture stands still at once and stays; its number. @param {Viewer} viewer */
async function pause(viewer) {
  await viewer.page.keyboard.press(" ");
  const seq = await until("it is paused", SOON_MS, async () => {
    const mode = await viewer.fact("frame", "bars", "data-mode");
    const now = await viewer.look("bars");
    return mode === "paused" && now?.said.seq === now?.seq && now?.seq;
  });
  // Longer than it takes to bring the video of that moment: at no time is there another picture.
  const untilMs = Date.now() + 4000;
  await until("four seconds are over", 10_000, async () => {
    const now = await viewer.look("bars");
    assert.equal(now?.seq, seq, "the picture moves while it is paused");
    return Date.now() > untilMs;
  });
  await stands(viewer, seq, "a pause");
  return seq;
}

/**
 * Waits for a frame on screen, with its number beside it and under the cursor, and sees that it stays.
 *
 * @param {Viewer} viewer
 * @param {number} seq
 * @param {string} after
 */
async function stands(viewer, seq, after) {
  /** @type {import("./probe.js").Look | null} */
  let now = null;
  const agrees = async () => {
    now = await viewer.look("bars");
    return now !== null && now.seq === seq && now.said.seq === seq && now.said.value === seq;
  };
  try {
    await until(`frame ${seq} stands`, SOON_MS, agrees);
  } catch {
    assert.fail(`after ${after}: expected ${seq} everywhere, got ${JSON.stringify(now)}`);
  }
  const untilMs = Date.now() + 400;
  await until("it stays", SOON_MS, async () => {
    assert.ok(await agrees(), `after ${after}: ${seq} does not stay: ${JSON.stringify(now)}`);
    return Date.now() > untilMs;
  });
}

/**
 * Sends the page somewhere, and waits until it says that it is there; on the way other frames may come on screen.
 *
 * @param {Viewer} viewer
 * @param {() => Promise<void>} act
 * @returns {Promise<number>} Where it was sent, ms since the Unix epoch.
 */
async function arrives(viewer, act) {
  const bar = await viewer.pane("frame", "bars").locator(".seekbar").elementHandle();
  const sought = await bar?.evaluateHandle((bar) => {
    const seen = { lastMs: NaN, there: false };
    new MutationObserver(() => {
      const text = bar.getAttribute("data-sought-ms") ?? "";
      if (text !== "") seen.lastMs = Number(text);
      seen.there = text === "" && seen.lastMs > 0;
    }).observe(bar, { attributeFilter: ["data-sought-ms"] });
    return seen;
  });
  await act();
  return until("it is there", SOON_MS, async () => {
    const { there = false, lastMs = NaN } = (await sought?.jsonValue()) ?? {};
    return there && lastMs;
  });
}

/** Sees that the frame on screen stays, and which it is. @param {Viewer} viewer @param {number} soughtMs @param {string} after */
async function standsAt(viewer, soughtMs, after) {
  const seq = (await viewer.look("bars"))?.seq ?? NaN;
  await stands(viewer, seq, after);
  return { after, soughtMs, seq };
}

/** @param {Viewer} viewer @param {string} path */
async function goesLive(viewer, path) {
  const sinceMs = Date.now();
  await viewer.page.keyboard.press("l");
  const most = path === "llhls" ? 3 * LIVE_MS : LIVE_MS;
  const live = await until("it shows live pictures again", SOON_MS, async () =>
    (await viewer.shown("bars", sinceMs)).find(({ tMs, atMs, said }) => {
      return said?.path === path && tMs !== null && atMs - tMs < most;
    }),
  );
  assert.ok(live.atMs - sinceMs < 5000, `live only after ${live.atMs - sinceMs} ms`);
  assert.equal(await viewer.fact("frame", "bars", "data-mode"), "live");
}
