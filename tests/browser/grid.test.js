import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; sixteen encoders on a busy machine take their time, ms. */
const SOON_MS = 60_000;
/** Until all of them have an encoder, one after the other, ms. */
const START_MS = 120_000;
const STREAMS = Array.from({ length: 16 }, (_, i) => `cam${String(i + 1).padStart(2, "0")}`);
/** Of the pictures, and of the charts. */
const PANES = STREAMS.length + 1;
/** Rates are modest: this is about which panes play, and all of them have an encoder. */
const PICTURES = ["--shape", "256x256", "--dtype", "uint8", "--fps", "5"];

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Rig} */
let rig;
/** @type {(() => Promise<void>)[]} */
const ends = [];
before(async () => {
  browser = await launch();
  rig = await Rig.start({ name: "grid", after: (end) => ends.push(end) });
  for (const stream of STREAMS) rig.frames(stream, "synthetic", ...PICTURES);
  rig.metrics("experiment", "synthetic");
  await until("all streams are on", START_MS, async () => {
    const streams = await listed();
    return streams.filter(({ live }) => live).length === STREAMS.length && streams.length > STREAMS.length;
  });
});
after(async () => {
  await browser.close();
  for (const end of ends) await end();
});

/** What the runner says of all streams. @returns {Promise<Record<string, any>[]>} */
async function listed() {
  const answer = await fetch(new URL("/api/v1/streams", rig.url)).catch(() => null);
  const body = /** @type {any} */ ((await answer?.json()) ?? []);
  return body.streams ?? body;
}

/** A page on which all panes are, and the first plays. @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(options) {
  const viewer = await Viewer.open(browser, rig.url, options);
  await until(
    "all panes are there",
    SOON_MS,
    async () => (await viewer.page.locator(".pane").count()) === PANES,
  );
  await viewer.becomes("frame", "cam01", "live", SOON_MS);
  return viewer;
}

/** Until a picture comes the fastest way. @param {Viewer} viewer @param {string} id */
async function byFastest(viewer, id) {
  await until(`${id} plays by the fastest way`, SOON_MS, async () => {
    return (await viewer.fact("frame", id, "data-path")) === "webcodecs";
  });
}

/** How many watch each stream live, by the word of the runner. @returns {Promise<Map<string, number>>} */
async function audience() {
  const text = await (await fetch(new URL("/metrics", rig.url))).text();
  const lines = text.matchAll(/^streamview_live_viewers\{.*stream="([^"]+)"\} (\d+)$/gm);
  const viewers = new Map([...lines].map(([, stream = "", count]) => [stream, Number(count)]));
  assert.equal(viewers.size, STREAMS.length);
  return viewers;
}

/**
 * Streams of which a part is in the window, and those that are further from it than its height.
 *
 * @param {Viewer} viewer
 */
async function sight(viewer) {
  return viewer.page.evaluate(() => {
    const panes = [...document.querySelectorAll(".pane.frame")];
    const ids = (/** @type {(box: DOMRect) => boolean} */ where) =>
      panes
        .filter((pane) => where(pane.getBoundingClientRect()))
        .map((pane) => /** @type {HTMLElement} */ (pane).dataset["id"] ?? "");
    return {
      inside: ids(({ top, bottom }) => bottom > 60 && top < innerHeight - 10),
      away: ids(({ top, bottom }) => top > innerHeight * 1.5 || bottom < -innerHeight * 0.5),
    };
  });
}

/** Where panes are in what scrolls, by their streams: CSS pixels, rounded. @param {Viewer} viewer */
async function places(viewer) {
  return viewer.page.evaluate(() => {
    const origin = document.querySelector(".grid-stack")?.getBoundingClientRect() ?? new DOMRect();
    return Object.fromEntries(
      [...document.querySelectorAll(".pane")].map((pane) => {
        const { left, top, width, height } = pane.getBoundingClientRect();
        const place = [left - origin.left, top - origin.top, width, height].map(Math.round);
        return [/** @type {HTMLElement} */ (pane).dataset["id"] ?? "", place];
      }),
    );
  });
}

/**
 * Waits until panes are in these places.
 *
 * @param {Viewer} viewer
 * @param {string} what
 * @param {Record<string, number[]>} expected
 */
async function lie(viewer, what, expected) {
  const sorted = (/** @type {object} */ all) => Object.entries(all).sort();
  await until(what, SOON_MS, async () => same(sorted(await places(viewer)), sorted(expected)));
}

/** @param {unknown} a @param {unknown} b */
function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Drags from a point to another, as a hand does.
 *
 * @param {Viewer} viewer
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} by
 */
async function drag({ page }, from, by) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + by.x, from.y + by.y, { steps: 12 });
  await page.mouse.up();
}

/** Drags a pane by its name. @param {Viewer} viewer @param {string} id @param {{ x: number, y: number }} by */
async function dragPane(viewer, id, by) {
  const box = await viewer.pane("frame", id).locator("h2").boundingBox();
  assert.ok(box !== null);
  await drag(viewer, { x: box.x + 10, y: box.y + box.height / 2 }, by);
}

/** Opens the menu of a pane and presses one of its buttons. @param {Viewer} viewer @param {string} id @param {string} label */
async function choose({ page }, id, label) {
  await page.getByRole("button", { name: `menu of ${id}`, exact: true }).click();
  await page.getByRole("button", { name: label, exact: true }).click();
  await page.keyboard.press("Escape");
}

test("of 16 panes those in sight play, and the others cost nothing until they are", async (t) => {
  const viewer = await open();
  t.after(() => viewer.close());
  const { page } = viewer;
  const first = await sight(viewer);
  assert.ok(first.inside.length >= 2 && first.away.length >= 8, JSON.stringify(first));
  for (const id of first.inside) await viewer.becomes("frame", id, "live", SOON_MS);
  for (const id of first.away) await viewer.becomes("frame", id, "asleep", SOON_MS);
  await until("only who is seen is watched", SOON_MS, async () => {
    const viewers = await audience();
    // On a busy machine one may come by another path for a while.
    const watched = (/** @type {string} */ id) => viewers.get(id) === 1;
    return first.inside.some(watched) && !first.away.some(watched);
  });
  await until(
    "a chart out of sight knows its series",
    SOON_MS,
    async () => (await viewer.pane("metric", "experiment").locator("[data-series]").count()) > 0,
  );
  assert.equal(await viewer.fact("metric", "experiment", "data-to-ms"), null, "and does not draw them");

  /** Of the first stream. @type {string[]} */
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  const asked = () => requests.filter((url) => url.includes("cam01"));
  await viewer.pane("frame", "cam16").scrollIntoViewIfNeeded();
  await viewer.becomes("frame", "cam16", "live", SOON_MS);
  await viewer.becomes("frame", "cam01", "asleep", SOON_MS);
  await until("one that plays leads", SOON_MS, async () => {
    const leads = await page.locator('.pane[data-lead="true"][data-state="live"]').count();
    return leads === 1;
  });
  assert.ok((await page.locator('[data-id="cam01"] .still').isHidden()) === false, "the last picture stays");
  assert.equal(await page.locator('[data-id="cam01"] .player').count(), 0, "its player is gone");
  await until("the runner sends it no more", SOON_MS, async () => (await audience()).get("cam01") === 0);
  const number = async (/** @type {string} */ id, /** @type {string} */ name) =>
    Number((await viewer.fact("frame", id, name)) ?? NaN);
  const slept = { seq: await number("cam01", "data-seq"), missed: await number("cam01", "data-missed") };
  const since = await number("cam16", "data-seq");
  await until("time goes by", SOON_MS, async () => (await number("cam16", "data-seq")) > since + 15);
  assert.deepEqual(asked(), [], "nothing is fetched for what nobody sees");

  await viewer.pane("metric", "experiment").scrollIntoViewIfNeeded();
  await until("the chart is drawn", SOON_MS, async () => viewer.fact("metric", "experiment", "data-to-ms"));

  await viewer.pane("frame", "cam01").scrollIntoViewIfNeeded();
  await viewer.becomes("frame", "cam01", "live", SOON_MS);
  const passed = (await number("cam01", "data-seq")) - slept.seq;
  const missed = (await number("cam01", "data-missed")) - slept.missed;
  assert.ok(passed > 15, "it is a new picture");
  assert.ok(missed < passed / 2, `${missed} of ${passed}: nobody missed what nobody wanted`);

  await viewer.pane("frame", "cam01").locator("h2").dblclick();
  await until("who is behind the maximised pane sleeps", SOON_MS, async () =>
    [...(await audience())].every(([id, count]) => id === "cam01" || count === 0),
  );
  await viewer.becomes("frame", "cam01", "live", SOON_MS);
  await page.keyboard.press("Escape");
  await viewer.becomes("frame", "cam02", "live", SOON_MS);
  assert.deepEqual(viewer.errors, []);
  assert.deepEqual(await viewer.violations(), []);
});

test("a paused page shows its moment in what is scrolled into sight", async (t) => {
  const viewer = await open();
  t.after(() => viewer.close());
  await until(
    "it is known what the runner keeps",
    SOON_MS,
    async () =>
      ((await rig.stream("frame", "cam16"))?.dvr?.to_ms ?? 0) >
      ((await rig.stream("frame", "cam16"))?.dvr?.from_ms ?? 0) + 2000,
  );
  // A canvas stands at once: there is no frame on its way to the screen.
  await byFastest(viewer, "cam01");
  await viewer.pane("frame", "cam01").locator("h2").click();
  await viewer.page.keyboard.press("Space");
  await viewer.becomes("frame", "cam01", "paused", SOON_MS);
  const at = Number(await viewer.fact("frame", "cam01", "data-capture-ms"));
  await viewer.pane("frame", "cam16").scrollIntoViewIfNeeded();
  const near = await until("the picture of the same moment", SOON_MS, async () => {
    const captureMs = Number((await viewer.fact("frame", "cam16", "data-capture-ms")) ?? NaN);
    return Math.abs(captureMs - at) <= 200 && captureMs;
  });
  t.diagnostic(`${near - at} ms from the moment at which the page was paused`);
  await viewer.page.keyboard.press("l");
  await viewer.becomes("frame", "cam16", "live", SOON_MS);
  assert.deepEqual(viewer.errors, []);
});

test("what is moved, resized, hidden and locked stays so, and plays on", async (t) => {
  const viewer = await open();
  t.after(() => viewer.close());
  const { page } = viewer;
  const arranged = () => page.locator(".grid").getAttribute("data-arranged");
  const before = await places(viewer);
  assert.equal(await arranged(), "false");
  const [width = 0, height = 0] = before["cam01"]?.slice(2) ?? [];
  // A slower one would be replaced by itself.
  await byFastest(viewer, "cam01");
  await page.evaluate(() => {
    for (const picture of document.querySelectorAll('[data-id="cam01"] :is(video, canvas)'))
      picture.id = "the-same";
  });

  await dragPane(viewer, "cam01", { x: width + 10, y: 4 });
  const dragged = await until("they change places", SOON_MS, async () => {
    const now = await places(viewer);
    return same([now["cam01"], now["cam02"]], [before["cam02"], before["cam01"]]) && now;
  });
  await until("it is as somebody put it", SOON_MS, async () => (await arranged()) === "true");
  assert.equal(await page.locator('[data-id="cam01"] #the-same').count(), 1, "its player is the same one");

  const box = await viewer.pane("frame", "cam02").boundingBox();
  assert.ok(box !== null);
  await drag(viewer, { x: box.x + box.width, y: box.y + box.height }, { x: 0, y: height / 2 });
  await until("it is higher, and nothing else", SOON_MS, async () => {
    const resized = (await places(viewer))["cam02"] ?? [];
    return same(resized.slice(0, 3), dragged["cam02"]?.slice(0, 3)) && (resized[3] ?? 0) > height * 1.3;
  });

  await page.getByRole("button", { name: "menu of cam02", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "move cam02 right", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  const moved = await until("they change places by keys", SOON_MS, async () => {
    const now = await places(viewer);
    const back = same(now["cam02"]?.slice(0, 2), before["cam02"]?.slice(0, 2));
    return back && same(now["cam01"], before["cam01"]) && now;
  });

  await choose(viewer, "cam02", "Hide");
  await until("it is gone", SOON_MS, async () => (await viewer.pane("frame", "cam02").count()) === 0);
  await until("and nobody watches it", SOON_MS, async () => (await audience()).get("cam02") === 0);
  const kept = await places(viewer);
  await page.getByRole("button", { name: "layout, 1 hidden" }).click();
  await page.getByRole("checkbox", { name: /^Lock/ }).check();
  await page.keyboard.press("Escape");

  await page.reload();
  await viewer.becomes("frame", "cam01", "live", SOON_MS);
  await until(
    "all but one are there",
    SOON_MS,
    async () => (await page.locator(".pane").count()) === PANES - 1,
  );
  await lie(viewer, "all lie as they did", kept);
  await dragPane(viewer, "cam01", { x: width, y: height });
  assert.deepEqual(await places(viewer), kept, "locked");

  await page.getByRole("button", { name: "layout, 1 hidden" }).click();
  await page.getByRole("button", { name: "show cam02", exact: true }).click();
  await lie(viewer, "it is where it was", moved);
  await page.getByRole("checkbox", { name: /^Lock/ }).uncheck();
  await page.getByRole("button", { name: "Reset layout" }).click();
  await page.keyboard.press("Escape");
  await lie(viewer, "panes share the window by themselves", before);

  await page.evaluate(() => {
    for (const key of Object.keys(localStorage))
      localStorage.setItem(key, '{"version":1,"arrangement":{"columns":-1');
  });
  await page.reload();
  await viewer.becomes("frame", "cam01", "live", SOON_MS);
  await until("all panes are there", SOON_MS, async () => (await page.locator(".pane").count()) === PANES);
  await lie(viewer, "what is broken is as if it were not there", before);
  assert.deepEqual(viewer.errors, []);
  assert.deepEqual(await viewer.violations(), []);
});

test("a group shares zoom and display, and is remembered", async (t) => {
  const viewer = await open();
  t.after(() => viewer.close());
  const { page } = viewer;
  const style = (/** @type {string} */ id) =>
    viewer.pane("frame", id).locator(".picture").getAttribute("style");
  for (const id of ["cam01", "cam02"]) await choose(viewer, id, `put ${id} into group A`);
  assert.equal(await viewer.pane("frame", "cam01").locator(".group-tag").textContent(), "A");
  const whole = await style("cam02");

  const box = await viewer.pane("frame", "cam01").locator(".picture").boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 3);
  await page.mouse.wheel(0, -400);
  await until("both are zoomed", SOON_MS, async () => {
    const [one, other] = [await style("cam01"), await style("cam02")];
    return one === other && other !== whole;
  });
  const zoomed = await style("cam02");
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 3 - 40, box.y + box.height / 3 - 25, { steps: 5 });
  await page.mouse.up();
  await until("both are moved", SOON_MS, async () => {
    const [one, other] = [await style("cam01"), await style("cam02")];
    return one === other && other !== zoomed;
  });
  assert.equal(await style("cam04"), whole, "who is not in the group is not");

  await page.getByRole("button", { name: "display of cam01" }).click();
  await page.getByRole("checkbox", { name: "invert" }).check();
  await until("the display of both is changed", SOON_MS, async () => {
    const inverted = async (/** @type {string} */ id) => (await rig.stream("frame", id))?.display?.invert;
    return (await inverted("cam01")) === true && (await inverted("cam02")) === true;
  });
  assert.equal((await rig.stream("frame", "cam04"))?.display?.invert, false);
  await page.getByRole("checkbox", { name: "invert" }).uncheck();
  await until(
    "and changed back",
    SOON_MS,
    async () => (await rig.stream("frame", "cam02"))?.display?.invert === false,
  );

  await page.reload();
  await viewer.becomes("frame", "cam02", "live", SOON_MS);
  assert.equal(await viewer.pane("frame", "cam02").locator(".group-tag").textContent(), "A");
  assert.deepEqual(viewer.errors, []);
});

test("a group reaches pixels as they were captured, which stay this page's own", async (t) => {
  const viewer = await open();
  t.after(() => viewer.close());
  const { page } = viewer;
  for (const id of ["cam01", "cam02"]) await choose(viewer, id, `put ${id} into group A`);
  await viewer.pane("frame", "cam02").locator("select").selectOption("exact");
  await until("exact", SOON_MS, async () => (await viewer.fact("frame", "cam02", "data-path")) === "exact");
  const everybody = async (/** @type {string} */ id) => (await rig.stream("frame", id))?.display?.invert;
  const brightness = async () => {
    const { rgb = [] } = (await viewer.pixels("cam02", { width: 8, height: 8 })) ?? {};
    return rgb.reduce((sum, value) => sum + value, 0) / rgb.length;
  };
  const before = await brightness();
  const invert = async (/** @type {string} */ id, /** @type {boolean} */ on) => {
    await page.getByRole("button", { name: `display of ${id}` }).click();
    await page.getByRole("checkbox", { name: "invert" }).setChecked(on);
    await page.getByRole("button", { name: `display of ${id}` }).click();
  };

  await invert("cam01", true);
  await until("it is changed here", SOON_MS, async () => {
    return Math.abs((await brightness()) - (255 - before)) < Math.abs(255 - 2 * before) / 4;
  });
  await until("and for everybody there", SOON_MS, async () => (await everybody("cam01")) === true);
  assert.equal(await everybody("cam02"), false, "and for nobody else");
  await invert("cam02", false);
  await until("the other way round", SOON_MS, async () => (await everybody("cam01")) === false);
  await until("and back", SOON_MS, async () => {
    return Math.abs((await brightness()) - before) < Math.abs(255 - 2 * before) / 4;
  });
  assert.deepEqual(viewer.errors, []);
});

test("on a phone panes are in one column, nothing is dragged, and what is scrolled to plays", async (t) => {
  const viewer = await open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  t.after(() => viewer.close());
  const { page } = viewer;
  const lefts = Object.values(await places(viewer)).map(([left]) => left);
  assert.equal(new Set(lefts).size, 1);
  assert.equal(await page.locator(".ui-draggable, .ui-resizable-handle").count(), 0);
  await viewer.pane("frame", "cam12").scrollIntoViewIfNeeded();
  await viewer.becomes("frame", "cam12", "live", SOON_MS);
  await viewer.becomes("frame", "cam01", "asleep", SOON_MS);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `it overflows by ${overflow} px`);
  assert.deepEqual(viewer.errors, []);
});
