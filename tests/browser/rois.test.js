import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readNpy } from "./npy.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until it is so; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 60_000;
const FRAME = { width: 160, height: 120 };
const SOURCE = ["--shape", "120x160", "--dtype", "uint16", "--fps", "15"];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test("a rectangle that is drawn is measured on every frame, and can be changed", async (t) => {
  const { rig, viewer } = await start(t);
  await choose(viewer, "rectangle");
  await drag(viewer, [20, 30], [60, 80]);
  const [drawn] = await until("the runner has it", SOON_MS, async () => {
    const rois = await regions(rig);
    return rois.length === 1 && rois;
  });
  assert.equal(drawn.name, "roi1");
  assert.equal(drawn.shape.type, "rectangle");
  near(drawn.shape, { x: 20, y: 30, width: 40, height: 50 }, 1);

  // What is read at the cursor is the mean of the frame that is on screen, live and paused.
  for (const mode of ["live", "paused"]) {
    if (mode === "paused") await viewer.pane("frame", "camera").getByLabel("pause at camera").click();
    const { seq, value, frame } = await measured(rig, viewer, "roi1.mean", mode);
    const { x, y, width, height } = drawn.shape;
    const expected = meanOf(
      frame,
      (column, row) => column >= x && column < x + width && row >= y && row < y + height,
    );
    t.diagnostic(`${mode}: mean of frame ${seq} is ${value}, expected ${expected}`);
    assert.ok(
      Math.abs(value / expected - 1) < 1e-6,
      `the mean of frame ${seq} is ${value}: expected ${expected}`,
    );
    const whole = await measured(rig, viewer, "frame.mean", mode);
    const mean = meanOf(whole.frame, () => true);
    assert.ok(Math.abs(whole.value / mean - 1) < 1e-6, `the frame's is ${whole.value}: expected ${mean}`);
  }
  // Its line has the colour that it has on the picture.
  assert.equal(await stroke(viewer, "roi1"), await swatch(viewer, "roi1.mean"));
  // The list says what the legend says.
  await until("the list has the value of the legend", SOON_MS, async () => {
    const [listed, legend] = await Promise.all([
      viewer.page.locator(`.roi-list [data-name="roi1"] output`).getAttribute("data-value"),
      viewer.page.locator(`.legend [data-series="roi1.mean"] output`).getAttribute("data-value"),
    ]);
    return listed !== null && listed !== "" && listed === legend;
  });

  // While paused: moved, resized at a corner, and by a key.
  await choose(viewer, "pointer");
  await drag(viewer, [40, 55], [60, 45]);
  await becomes(rig, "roi1", { x: drawn.shape.x + 20, y: drawn.shape.y - 10, width: 40, height: 50 }, 2);
  const moved = await region(rig, "roi1");
  await drag(viewer, [moved.x + moved.width, moved.y + moved.height], [110, 100]);
  await becomes(rig, "roi1", { x: moved.x, y: moved.y, width: 110 - moved.x, height: 100 - moved.y }, 1);
  const resized = await region(rig, "roi1");
  await viewer.page.locator('.roi-layer [data-roi="roi1"]').focus();
  await viewer.page.keyboard.press("ArrowRight");
  await becomes(rig, "roi1", { ...resized, x: resized.x + 1 }, 0);

  // Another name, which a reload keeps.
  const field = viewer.page.getByLabel("name of region roi1");
  await field.fill("soma one");
  await field.press("Enter");
  const refusal = viewer.page.locator(".roi-refusal");
  await until("the runner wants another name", SOON_MS, async () =>
    /A-Z a-z 0-9/.test((await refusal.textContent()) ?? ""),
  );
  assert.deepEqual(await names(rig), ["roi1"]);
  await field.fill("soma-1");
  await field.press("Enter");
  await until("it has another name", SOON_MS, async () => (await names(rig)).join() === "soma-1");
  await until("nothing is refused any more", SOON_MS, async () => (await refusal.count()) === 0);
  await viewer.page.reload();
  await viewer.becomes("frame", "camera", "live", SOON_MS);
  await stands(viewer, "soma-1", await region(rig, "soma-1"));
  await until("its series goes on", SOON_MS, () => seriesValue(viewer, "soma-1.mean"));

  // A click selects it; a key deletes it, and its line.
  const { x, y, width, height } = await region(rig, "soma-1");
  await click(viewer, [x + width / 2, y + height / 2]);
  await until(
    "it is selected",
    SOON_MS,
    async () => (await viewer.fact("frame", "camera", "data-selected")) === "soma-1",
  );
  await viewer.page.keyboard.press("Delete");
  await until("it is gone", SOON_MS, async () => (await names(rig)).length === 0);
  await until("from the page, too", SOON_MS, async () => {
    const left = await viewer.page.locator('[data-roi], .legend [data-series^="soma-1"]').count();
    return left === 0;
  });
  // What was refused is told in the console as well, by the browser.
  assert.deepEqual(
    viewer.errors.filter((error) => !error.includes("status of 422")),
    [],
  );
});

test("a polygon is measured, one that crosses itself is refused in words, and all stay in place when zoomed", async (t) => {
  const { rig, viewer } = await start(t);
  await choose(viewer, "polygon");
  const corners = /** @type {[number, number][]} */ ([
    [30, 20],
    [110, 30],
    [70, 100],
  ]);
  for (const corner of corners) await click(viewer, corner);
  await viewer.page.keyboard.press("Enter");
  const [drawn] = await until("the runner has it", SOON_MS, async () => {
    const rois = await regions(rig);
    return rois.length === 1 && rois;
  });
  assert.equal(drawn.shape.points.length, 3);
  drawn.shape.points.forEach((/** @type {[number, number]} */ [x, y], /** @type {number} */ i) =>
    near({ x, y }, { x: corners[i]?.[0] ?? NaN, y: corners[i]?.[1] ?? NaN }, 1),
  );
  const { seq, value, frame } = await measured(rig, viewer, "roi1.mean", "live");
  const expected = meanOf(frame, (column, row) => inPolygon(drawn.shape.points, column + 0.5, row + 0.5));
  t.diagnostic(`mean of frame ${seq} in the polygon is ${value}, expected ${expected}`);
  assert.ok(
    Math.abs(value / expected - 1) < 1e-6,
    `the mean of frame ${seq} is ${value}: expected ${expected}`,
  );

  // A bow tie, ended by a double click.
  for (const corner of /** @type {[number, number][]} */ ([
    [20, 20],
    [140, 110],
    [140, 20],
  ]))
    await click(viewer, corner);
  await viewer.page.mouse.dblclick(...(await screen(viewer, [20, 110])));
  const refusal = viewer.page.locator(".roi-refusal");
  await until("it is refused in words", SOON_MS, async () =>
    /crosses itself/.test((await refusal.textContent()) ?? ""),
  );
  assert.deepEqual(await names(rig), ["roi1"]);
  assert.equal(await viewer.page.locator("[data-roi]").count(), 1);
  assert.equal(
    await viewer
      .pane("frame", "camera")
      .getAttribute("class")
      .then((c) => c?.includes("maximised")),
    false,
  );

  // One that is begun and given up.
  await click(viewer, [50, 50]);
  assert.equal(await viewer.fact("frame", "camera", "data-drawing"), "polygon");
  await viewer.page.keyboard.press("Escape");
  assert.equal(await viewer.fact("frame", "camera", "data-drawing"), "");

  await choose(viewer, "ellipse");
  await drag(viewer, [130, 90], [150, 110]);
  await until("an ellipse, too", SOON_MS, async () => (await names(rig)).join() === "roi1,roi2");
  const ellipse = await region(rig, "roi2");
  near(ellipse, { x: 130, y: 90, width: 20, height: 20 }, 1);

  // Zoomed, live and paused, it lies where its pixels are; and what is dragged there goes as far in the frame.
  await choose(viewer, "pointer");
  await viewer.page.mouse.move(...(await screen(viewer, [140, 100])));
  await viewer.page.mouse.wheel(0, -600);
  await until("it is zoomed", SOON_MS, async () => (await zoom(viewer)) > 2);
  await stands(viewer, "roi2", ellipse);
  await viewer.pane("frame", "camera").getByLabel("pause at camera").click();
  await until(
    "it is paused",
    SOON_MS,
    async () => (await viewer.fact("frame", "camera", "data-mode")) === "paused",
  );
  await stands(viewer, "roi2", ellipse);
  const centre = /** @type {[number, number]} */ ([ellipse.x + 10, ellipse.y + 10]);
  await click(viewer, centre);
  await until(
    "it is selected",
    SOON_MS,
    async () => (await viewer.fact("frame", "camera", "data-selected")) === "roi2",
  );
  await drag(viewer, centre, [centre[0] - 6, centre[1] - 4]);
  await becomes(rig, "roi2", { ...ellipse, x: ellipse.x - 6, y: ellipse.y - 4 }, 1);
  await stands(viewer, "roi2", await region(rig, "roi2"));
  await viewer.page.screenshot({ path: `${rig.folder}/zoomed.png` });
  assert.deepEqual(
    viewer.errors.filter((error) => !error.includes("status of 422")),
    [],
  );
});

test("regions are saved and loaded, and one statistic of each is shown", async (t) => {
  const { rig, viewer } = await start(t, { hasTouch: true });
  const many = Array.from({ length: 50 }, (_, i) => ({
    name: `cell-${i + 1}`,
    shape: { type: "ellipse", x: (i % 10) * 16, y: Math.floor(i / 10) * 24, width: 12, height: 18 },
  }));
  await put(rig, many);
  await until(
    "all are on the picture",
    SOON_MS,
    async () => (await viewer.page.locator("[data-roi]").count()) === 50,
  );
  const shown = () =>
    viewer.page
      .locator('[data-kind="metric"][data-id="camera.roi"] .legend [data-series]')
      .evaluateAll((entries) => entries.map((entry) => entry.getAttribute("data-series") ?? ""));
  await until("their means are shown", SOON_MS, async () => (await shown()).includes("cell-1.mean"));
  assert.deepEqual((await shown()).slice(0, 3), ["frame.mean", "cell-1.mean", "cell-2.mean"]);
  assert.ok((await shown()).every((name) => name.endsWith(".mean")));
  await viewer.page.getByLabel("statistic of camera.roi").selectOption("max");
  await until("their maxima are shown", SOON_MS, async () => (await shown())[1] === "cell-1.max");
  assert.equal((await shown())[0], "frame.max");
  await viewer.page.reload();
  await until("still after a reload", SOON_MS, async () => (await shown())[1] === "cell-1.max");

  await viewer.page.getByLabel("regions of camera", { exact: true }).first().click();
  const [download] = await Promise.all([
    viewer.page.waitForEvent("download", { timeout: SOON_MS }),
    viewer.page.getByRole("link", { name: "Export" }).click(),
  ]);
  const file = join(rig.folder, "saved.json");
  await download.saveAs(file);
  assert.equal(download.suggestedFilename(), "camera-rois.json");
  const saved = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(saved.rois, many);

  await put(rig, []);
  await until("none is left", SOON_MS, async () => (await viewer.page.locator("[data-roi]").count()) === 0);
  const input = viewer.page.getByLabel("file of regions");
  await input.setInputFiles(file);
  await until("all are back", SOON_MS, async () => (await names(rig)).length === 50);
  assert.deepEqual(await regions(rig), many);
  await until(
    "also on the picture",
    SOON_MS,
    async () => (await viewer.page.locator("[data-roi]").count()) === 50,
  );

  const broken = join(rig.folder, "broken.json");
  writeFileSync(broken, JSON.stringify({ rois: [{ name: "a", shape: { type: "star" } }] }));
  await input.setInputFiles(broken);
  await until("a file of something else is refused in words", SOON_MS, async () =>
    /broken\.json .*rois\[0\]\.shape\.type/.test(
      (await viewer.page.locator(".roi-refusal").textContent()) ?? "",
    ),
  );
  assert.equal((await regions(rig)).length, 50);
  await viewer.page.screenshot({ path: `${rig.folder}/fifty.png` });

  // A finger draws, too.
  await put(rig, []);
  await until(
    "no chart is left",
    SOON_MS,
    async () => (await viewer.pane("metric", "camera.roi").count()) === 0,
  );
  await choose(viewer, "rectangle");
  await settle(viewer);
  const touch = await viewer.context.newCDPSession(viewer.page);
  const finger = async (
    /** @type {"touchStart" | "touchMove"} */ type,
    /** @type {[number, number]} */ place,
  ) => {
    const [x, y] = await screen(viewer, place);
    await touch.send("Input.dispatchTouchEvent", { type, touchPoints: [{ x, y }] });
  };
  await finger("touchStart", [40, 40]);
  await finger("touchMove", [60, 60]);
  await finger("touchMove", [100, 90]);
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await until("what the finger drew", SOON_MS, async () => (await names(rig)).join() === "roi1");
  near(await region(rig, "roi1"), { x: 40, y: 40, width: 60, height: 50 }, 1);
  assert.deepEqual(viewer.errors, []);
});

/**
 * A page with a camera, and its list of regions open.
 *
 * @param {{ name: string, after: (end: () => Promise<void>) => void }} t
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function start(t, options = {}) {
  // Frames are kept until they are compared, however long that takes.
  const rig = await Rig.start(t, ["--raw-window", "5m"]);
  rig.frames("camera", "synthetic", ...SOURCE);
  const viewer = await Viewer.open(browser, rig.url, options);
  await viewer.becomes("frame", "camera", "live", SOON_MS);
  await viewer
    .pane("frame", "camera")
    .getByLabel("regions of camera", { exact: true })
    .first()
    .waitFor({ timeout: SOON_MS });
  return { rig, viewer };
}

/** Opens the list of regions if it is not, and takes a tool. @param {Viewer} viewer @param {string} tool */
async function choose(viewer, tool) {
  const panel = viewer.page.locator(".roi-panel");
  if ((await panel.count()) === 0) {
    await viewer.pane("frame", "camera").getByLabel("regions of camera", { exact: true }).first().click();
  }
  await panel.getByRole("button", { name: tool, exact: true }).click();
  await until(
    `the tool is ${tool}`,
    SOON_MS,
    async () => (await viewer.fact("frame", "camera", "data-tool")) === tool,
  );
}

/**
 * Where a place of the frame is on the screen: by the element that draws the frame, not by what lies over it.
 *
 * @param {Viewer} viewer
 * @param {readonly [number, number]} place
 * @returns {Promise<[number, number]>}
 */
async function screen(viewer, [x, y]) {
  const box = await frameBox(viewer);
  return [box.left + (x / FRAME.width) * box.width, box.top + (y / FRAME.height) * box.height];
}

/** All of the frame on the screen, also what is out of sight. @param {Viewer} viewer */
async function frameBox(viewer) {
  return until("a picture", SOON_MS, () =>
    viewer.page.evaluate(() => {
      const players = document.querySelectorAll(".players video, .players canvas:not(.still)");
      const boxes = [...players].map((player) => player.getBoundingClientRect());
      const box = boxes.find(({ width }) => width > 0);
      return box === undefined
        ? null
        : { left: box.left, top: box.top, width: box.width, height: box.height };
    }),
  );
}

/** How many times larger than its box the picture is. @param {Viewer} viewer */
async function zoom(viewer) {
  const { width } = await frameBox(viewer);
  const box = await viewer.page.locator(".picture").boundingBox();
  return width / (box?.width ?? NaN);
}

/**
 * Waits until the picture stays where it is: the first region brings a chart, and the last one takes it away.
 *
 * @param {Viewer} viewer
 */
async function settle(viewer) {
  let before = "";
  await until("the picture stays where it is", SOON_MS, async () => {
    const now = JSON.stringify(await frameBox(viewer));
    const same = now === before;
    before = now;
    return same;
  });
}

/** @param {Viewer} viewer @param {readonly [number, number]} from @param {readonly [number, number]} to */
async function drag(viewer, from, to) {
  const { mouse } = viewer.page;
  await settle(viewer);
  await mouse.move(...(await screen(viewer, from)));
  await mouse.down();
  await mouse.move(...(await screen(viewer, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2])));
  await mouse.move(...(await screen(viewer, to)));
  await mouse.up();
}

/** @param {Viewer} viewer @param {readonly [number, number]} place */
async function click(viewer, place) {
  await settle(viewer);
  await viewer.page.mouse.click(...(await screen(viewer, place)));
}

/** @param {Rig} rig @returns {Promise<any[]>} What the runner has. */
async function regions(rig) {
  const answer = await fetch(new URL("/api/v1/streams/camera/rois", rig.url));
  return /** @type {any} */ (await answer.json()).rois;
}

/** @param {Rig} rig @param {unknown[]} rois */
async function put(rig, rois) {
  const answer = await fetch(new URL("/api/v1/streams/camera/rois", rig.url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rois }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** @param {Rig} rig */
async function names(rig) {
  return (await regions(rig)).map(({ name }) => name);
}

/** Shape of a region. @param {Rig} rig @param {string} name */
async function region(rig, name) {
  return (await regions(rig)).find((roi) => roi.name === name)?.shape;
}

/**
 * Waits until the runner has a region where it was brought to.
 *
 * @param {Rig} rig
 * @param {string} name
 * @param {Bounds} bounds
 * @param {number} tolerance
 */
async function becomes(rig, name, bounds, tolerance) {
  await until(`${name} is at ${JSON.stringify(bounds)}`, SOON_MS, async () => {
    const shape = await region(rig, name);
    return KEYS.every((key) => Math.abs(shape[key] - bounds[key]) <= tolerance);
  });
}

/** @typedef {{ x: number, y: number, width: number, height: number }} Bounds */
const KEYS = /** @type {const} */ (["x", "y", "width", "height"]);

/** @param {Record<string, number>} shape @param {Record<string, number>} expected @param {number} tolerance */
function near(shape, expected, tolerance) {
  for (const [key, value] of Object.entries(expected)) {
    const got = shape[key] ?? NaN;
    assert.ok(Math.abs(got - value) <= tolerance, `${key} is ${got}: expected ${value} ± ${tolerance}`);
  }
}

/**
 * Waits until the outline of a region is where its pixels are, to 2 pixels of the screen.
 *
 * @param {Viewer} viewer
 * @param {string} name
 * @param {Bounds} shape
 */
async function stands(viewer, name, { x, y, width, height }) {
  const outline = viewer.page.locator(`.roi-layer [data-roi="${name}"] .roi-line`);
  await until(`${name} is drawn where it is`, SOON_MS, async () => {
    const [left, top] = await screen(viewer, [x, y]);
    const [right, bottom] = await screen(viewer, [x + width, y + height]);
    const box = await outline.evaluate((path) => {
      const { left, top, right, bottom } = path.getBoundingClientRect();
      return [left, top, right, bottom];
    });
    return [left, top, right, bottom].every((edge, i) => Math.abs((box[i] ?? NaN) - edge) <= 2);
  });
}

/** Colour of a region on the picture. @param {Viewer} viewer @param {string} name */
async function stroke(viewer, name) {
  const line = viewer.page.locator(`.roi-layer [data-roi="${name}"] .roi-line`);
  return line.evaluate((path) => getComputedStyle(path).stroke);
}

/** Colour of a series in its legend. @param {Viewer} viewer @param {string} series */
async function swatch(viewer, series) {
  const mark = viewer.page.locator(`.legend [data-series="${series}"] i`);
  return mark.evaluate((element) => getComputedStyle(element).backgroundColor);
}

/** Value of a series at the cursor; null while there is none. @param {Viewer} viewer @param {string} series */
async function seriesValue(viewer, series) {
  const entry = viewer.page.locator(`.legend [data-series="${series}"] output`);
  if ((await entry.count()) === 0) return null;
  return (await entry.getAttribute("data-value")) || null;
}

/**
 * A frame that was on screen, as it was captured, and what a series said of it at the same moment.
 *
 * @param {Rig} rig
 * @param {Viewer} viewer
 * @param {string} series
 * @param {string} mode
 */
async function measured(rig, viewer, series, mode) {
  return until(`${series} of the frame on screen, ${mode}`, SOON_MS, async () => {
    const { seq, value, apartMs, is } = await viewer.page.evaluate((series) => {
      const pane = document.querySelector('[data-kind="frame"][data-id="camera"]');
      const data = pane instanceof HTMLElement ? pane.dataset : {};
      const output = document.querySelector(`.legend [data-series="${series}"] output`);
      const { tMs = "", value = "" } = output instanceof HTMLElement ? output.dataset : {};
      return {
        seq: data["seq"] ?? "",
        value,
        apartMs: tMs === "" ? Infinity : Math.abs(Number(tMs) - Number(data["captureMs"])),
        is: data["mode"],
      };
    }, series);
    if (is !== mode || seq === "" || value === "" || apartMs > 1) return null;
    const answer = await fetch(new URL(`/api/v1/streams/camera/frames/${seq}.npy`, rig.url));
    assert.equal(answer.status, 200, `frame ${seq} is kept`);
    return { seq: Number(seq), value: Number(value), frame: readNpy(await answer.arrayBuffer()) };
  });
}

/**
 * @param {ReturnType<typeof readNpy>} frame
 * @param {(column: number, row: number) => boolean} holds
 */
function meanOf({ shape, values }, holds) {
  assert.deepEqual(shape, [FRAME.height, FRAME.width]);
  let [sum, count] = [0, 0];
  values.forEach((value, i) => {
    if (!holds(i % FRAME.width, Math.floor(i / FRAME.width))) return;
    sum += value;
    count++;
  });
  return sum / count;
}

/** Whether a place is to the same side of all edges of a triangle. @param {number[][]} points @param {number} x @param {number} y */
function inPolygon(points, x, y) {
  const sides = points.map(([ax = NaN, ay = NaN], i) => {
    const [bx = NaN, by = NaN] = points[(i + 1) % points.length] ?? [];
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}
