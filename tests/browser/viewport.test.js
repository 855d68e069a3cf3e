import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readNpy, writeNpy } from "./npy.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until what was asked for is there; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 60_000;
/** How movies are played: slow enough for a busy machine. */
const PLAYED = ["--loop", "--fps", "10"];
/** The bar over the film, and room above it, CSS pixels. */
const SEEKBAR = 32;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test("the probe tells the values of the frame that it names, live and paused", async (t) => {
  // Odd sides: the encoded picture is larger than the frame.
  const size = { width: 131, height: 97 };
  const noise = Uint16Array.from({ length: 16 * size.width * size.height }, random(65_536));
  const { rig, viewer, box } = await open(t, [16, size.height, size.width], noise, {
    runner: ["--raw-window", "10min"],
    node: ["--unit", "counts"],
  });
  const frames = rawFrames(rig.url);
  const pick = random(2 ** 31);

  /** Points at a pixel, and waits for what is said of it. @param {number} x @param {number} y */
  const look = async (x, y) => {
    const at = { x: ((x + 0.5) / size.width) * box.width, y: ((y + 0.5) / size.height) * box.height };
    await viewer.page.mouse.move(box.x + at.x, box.y + at.y);
    return until(`a value at ${x}, ${y}`, SOON_MS, async () => {
      const told = await probe(viewer);
      return told?.state === "read" && told.x === x && told.y === y && told;
    });
  };
  const rows = Math.floor(size.height * (1 - SEEKBAR / box.height));
  let wrong = 0;
  const seqs = new Set();
  for (let i = 0; i < 100; i++) {
    const told = await look(pick() % size.width, pick() % rows);
    if ((await frames.value(told)) !== told.value) wrong++;
    assert.ok(told.text.includes(`${told.value} counts`), told.text);
    seqs.add(told.seq);
  }
  t.diagnostic(`100 positions in ${seqs.size} frames while live`);
  assert.equal(wrong, 0, "values that are not those of the frame");
  assert.ok(seqs.size > 5, "all positions were read in the same few frames");

  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "noise", "paused", SOON_MS);
  for (let i = 0; i < 10; i++) {
    const told = await look(pick() % size.width, pick() % rows);
    assert.equal(await frames.value(told), told.value);
    assert.equal(told.seq, told.shown, "of the frame that stands");
  }
  // The value goes with the frame, also where the pointer rests.
  const before = await probe(viewer);
  await viewer.page.keyboard.press("ArrowLeft");
  const stepped = await until("the value of a frame before", SOON_MS, async () => {
    const told = await probe(viewer);
    return told?.state === "read" && told.seq < (before?.seq ?? NaN) && told;
  });
  assert.equal(await frames.value(stepped), stepped.value);

  // Zoomed, and without a pointer: the pixel that was picked.
  await viewer.page.keyboard.press("+");
  await viewer.page.keyboard.press("p");
  await viewer.page.mouse.move(box.x, 5);
  await viewer.page.keyboard.press("l");
  const later = await until("a picked pixel is read on a live page", SOON_MS, async () => {
    const told = await probe(viewer);
    return told?.state === "read" && told.seq > (before?.seq ?? NaN) + 20 && told;
  });
  assert.deepEqual([later.x, later.y], [stepped.x, stepped.y]);
  assert.equal(await frames.value(later), later.value);
  assert.deepEqual(viewer.errors, []);
});

test("the probe tells the same on every path, and asks nobody where the pixels are here", async (t) => {
  const size = { width: 80, height: 60 };
  const noise = Uint16Array.from({ length: 8 * size.width * size.height }, random(65_536));
  const { rig, viewer: first } = await open(t, [8, size.height, size.width], noise, { runner: [], node: [] });
  await first.close();
  const frames = rawFrames(rig.url);
  for (const path of ["mse", "llhls", "hls", "exact"]) {
    const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`);
    let asked = 0;
    viewer.page.on("request", (request) => (asked += request.url().includes("/pixel?") ? 1 : 0));
    const box = await maximised(viewer);
    await until(`pictures by ${path}`, SOON_MS, async () => {
      return (await viewer.fact("frame", "noise", "data-path")) === path;
    });
    for (const { left, top } of [
      { left: 0.305, top: 0.305 },
      { left: 0.705, top: 0.605 },
    ]) {
      await viewer.page.mouse.move(box.x + left * box.width, box.y + top * box.height);
      const told = await until(`a value by ${path}`, SOON_MS, async () => {
        const told = await probe(viewer);
        const [x, y] = [Math.floor(left * size.width), Math.floor(top * size.height)];
        return told?.state === "read" && told.x === x && told.y === y && told;
      });
      assert.equal(await frames.value(told), told.value, path);
    }
    assert.equal(asked === 0, path === "exact", `${asked} questions by ${path}`);
    assert.deepEqual(viewer.errors, []);
    await viewer.close();
  }
});

test("a zoomed picture has squares for pixels, stays under the pointer and measures right", async (t) => {
  const size = { width: 64, height: 48 };
  const checks = Uint16Array.from({ length: size.width * size.height }, random(2)).map((bit) => 65_535 * bit);
  const { viewer, box } = await open(t, [1, size.height, size.width], checks, {
    runner: ["--crf", "6"],
    node: ["--pixel-size", "2x0.5"],
  });
  const picture = viewer.pane("frame", "noise").locator(".picture");
  assert.equal(await picture.getAttribute("data-zoomed"), "false");
  assert.equal(await viewer.pane("frame", "noise").locator(".zoom-bar").count(), 0);
  await checkScale(viewer, box, size.width, 1);

  const at = { x: box.x + box.width * 0.37, y: box.y + box.height * 0.41 };
  await viewer.page.mouse.move(at.x, at.y);
  const pixel = await until("a pixel under the pointer", SOON_MS, () => place(viewer));
  const zooms = [1];
  for (let i = 0; i < 30; i++) {
    await viewer.page.mouse.wheel(0, -100);
    await until("the wheel to be heard", SOON_MS, async () => {
      const zoom = await zoomOf(viewer);
      return zoom > (zooms.at(-1) ?? 0) || atLimit(zoom, box, size);
    });
    zooms.push(await zoomOf(viewer));
    assert.deepEqual(await place(viewer), pixel, `it moved away at ${zooms.at(-1)} times`);
    if (i === 4) await checkSquares(viewer, box, size, checks, "live");
  }
  const [most = NaN] = zooms.slice(-1);
  assert.ok(atLimit(most, box, size), `a pixel is ${(most * box.width) / size.width} pixels wide`);
  await checkScale(viewer, box, size.width, most);

  // What is dragged stays under the pointer, and no edge comes in.
  for (const key of ["-", "-", "-"]) await viewer.page.keyboard.press(key);
  const zoom = await until("smaller again", SOON_MS, async () => {
    const zoom = await zoomOf(viewer);
    return zoom < most / 3 && zoom;
  });
  await checkScale(viewer, box, size.width, zoom);
  const held = await place(viewer);
  await viewer.page.mouse.down();
  await viewer.page.mouse.move(at.x + 60, at.y + 40, { steps: 5 });
  await viewer.page.mouse.up();
  assert.deepEqual(await place(viewer), held, "it was left behind by the pointer");
  await viewer.page.mouse.down();
  await viewer.page.mouse.move(box.x + box.width - 2, box.y + box.height / 2, { steps: 5 });
  await viewer.page.mouse.move(at.x, at.y, { steps: 5 });
  await viewer.page.mouse.up();
  await checkSquares(viewer, box, size, checks, "live, dragged");

  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "noise", "paused", SOON_MS);
  await checkSquares(viewer, box, size, checks, "paused");

  await viewer.page.keyboard.press("0");
  await until("all of the picture", SOON_MS, async () => (await zoomOf(viewer)) === 1);
  await checkSquares(viewer, box, size, checks, "whole");
  // Zooming out of all of it does nothing.
  await viewer.page.mouse.wheel(0, 200);
  await viewer.page.keyboard.press("-");
  assert.equal(await zoomOf(viewer), 1);
  assert.deepEqual(viewer.errors, []);
});

test("a picture that draws its own region is zoomed no further", async (t) => {
  const size = { width: 64, height: 48 };
  const checks = Uint16Array.from({ length: size.width * size.height }, random(2)).map((bit) => 65_535 * bit);
  const { viewer, box } = await open(t, [1, size.height, size.width], checks, {
    runner: [],
    node: [],
    query: "?path=exact",
  });
  await until("exact pixels", SOON_MS, async () => {
    return (await viewer.fact("frame", "noise", "data-path")) === "exact";
  });
  await checkSquares(viewer, box, size, checks, "whole");
  await viewer.page.mouse.move(box.x + box.width * 0.37, box.y + box.height * 0.41);
  for (const key of ["+", "+", "+", "+"]) await viewer.page.keyboard.press(key);
  await until("zoomed by keys", SOON_MS, async () => (await zoomOf(viewer)) > 4);
  await checkSquares(viewer, box, size, checks, "zoomed");
  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "noise", "paused", SOON_MS);
  await checkSquares(viewer, box, size, checks, "paused");
  assert.deepEqual(viewer.errors, []);
});

test("a frame is saved bit for bit, and one that is gone is not", async (t) => {
  const shape = [8, 60, 80];
  const noise = Uint16Array.from({ length: 8 * 60 * 80 }, random(65_536));
  const { rig, viewer, box } = await open(t, shape, noise, { runner: ["--raw-window", "8s"], node: [] });
  const pane = viewer.pane("frame", "noise");
  await viewer.page.mouse.move(box.x + 20, box.y + 40);

  const tiff = await saved(viewer, () => viewer.page.keyboard.press("s"));
  assert.match(tiff.name, /^noise_\d{8}-\d{6}\.\d{3}_\d+\.tiff$/);
  assert.deepEqual(tiff.bytes, await raw(rig.url, tiff.seq, "tiff"), "what was saved is what the runner has");
  const values = valuesOf(await raw(rig.url, tiff.seq, "npy"));
  assert.equal(values.length, 2 * 60 * 80);
  assert.ok(tiff.bytes.includes(values), "the TIFF holds the values as they are");
  await until("it says so", SOON_MS, async () =>
    (await pane.locator(".said[data-state=saved]").innerText()).includes(tiff.name),
  );

  for (const format of ["npy", "png"]) {
    const file = await saved(viewer, async () => {
      await pane.getByRole("button", { name: "save a frame of noise" }).click();
      await pane.locator(`.save-menu [data-format=${format}]`).click();
    });
    assert.ok(file.name.endsWith(`_${file.seq}.${format}`), file.name);
    assert.deepEqual(file.bytes, await raw(rig.url, file.seq, format));
    assert.equal(await pane.locator(".save-menu").count(), 0, "the menu has gone");
  }

  // A page that stands longer than frames are kept has a picture, and no values.
  await viewer.page.mouse.move(box.x + 20, box.y + 40);
  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "noise", "paused", SOON_MS);
  const stands = Number(await viewer.fact("frame", "noise", "data-seq"));
  await until("the frame is not kept any more", SOON_MS, async () => {
    const answer = await fetch(new URL("api/v1/streams/noise/frames", rig.url));
    return /** @type {any} */ (await answer.json()).sessions.at(-1).from_seq > stands;
  });
  await viewer.page.mouse.move(box.x + 60, box.y + 60);
  await until("the probe says that the frame is gone", SOON_MS, async () => {
    const told = await probe(viewer);
    return told?.state === "gone" && told.text.includes(`frame #${stands} is no longer kept`);
  });
  assert.equal((await probe(viewer))?.value, null, "and tells no value");
  await viewer.page.keyboard.press("s");
  const said = pane.locator(".said[data-state=gone]");
  await until("so does who was to save it", SOON_MS, async () => (await said.count()) === 1);
  assert.match(await said.innerText(), new RegExp(`nothing saved: frame #${stands} is no longer kept`));
  assert.match((await said.getAttribute("title")) ?? "", /\d+/, "with the runner's words: which ones are");
  // Chromium writes down every answer that is no success.
  assert.deepEqual(
    viewer.errors.filter((text) => !text.includes("404")),
    [],
  );
});

test("fingers zoom, move and pick", async (t) => {
  const size = { width: 64, height: 48 };
  const noise = Uint16Array.from({ length: size.width * size.height }, random(65_536));
  const { rig, viewer, box } = await open(t, [1, size.height, size.width], noise, {
    runner: [],
    node: [],
    context: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } },
  });
  const frames = rawFrames(rig.url);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await viewer.page.touchscreen.tap(at.x, at.y);
  const told = await until("a value where it was tapped", SOON_MS, async () => {
    const told = await probe(viewer);
    return told?.state === "read" && told;
  });
  assert.deepEqual([told.x, told.y], [32, 24]);
  assert.equal(await frames.value(told), told.value);

  const touch = await viewer.context.newCDPSession(viewer.page);
  /** @param {"touchStart" | "touchMove" | "touchEnd"} type @param {[number, number][]} places */
  const fingers = (type, places) =>
    touch.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: places.map(([x, y], id) => ({ x: at.x + x, y: at.y + y, id })),
    });
  await fingers("touchStart", [[-20, 0], [20, 0]]); // prettier-ignore
  for (let apart = 25; apart <= 80; apart += 5) await fingers("touchMove", [[-apart, 0], [apart, 0]]); // prettier-ignore
  await fingers("touchEnd", []);
  const zoom = await until("two fingers zoom", SOON_MS, async () => {
    const zoom = await zoomOf(viewer);
    return zoom > 2 && zoom;
  });
  // One finger moves what is zoomed: what was picked goes along.
  const mark = viewer.pane("frame", "noise").locator(".probe-mark.picked");
  const centre = async () => {
    const { x, y, width, height } = (await mark.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN };
    return { x: x + width / 2, y: y + height / 2 };
  };
  const from = await centre();
  await fingers("touchStart", [[0, 0]]);
  for (let gone = 5; gone <= 40; gone += 5) await fingers("touchMove", [[gone, 0]]);
  await fingers("touchEnd", []);
  await until("one finger moves it", SOON_MS, async () => (await centre()).x > from.x + 25);
  assert.equal(await zoomOf(viewer), zoom, "one finger does not zoom");
  const still = await probe(viewer);
  assert.deepEqual([still?.x, still?.y], [told.x, told.y], "who drags does not pick");
  assert.deepEqual(viewer.errors, []);
});

/**
 * A page with a movie as the stream `noise`, and where its picture is.
 *
 * @param {import("node:test").TestContext} t
 * @param {readonly number[]} shape
 * @param {Uint16Array} values
 * @param {{ runner: string[], node: string[], query?: string, context?: import("playwright-core").BrowserContextOptions }} how
 */
async function open(t, shape, values, { runner, node, query = "", context = {} }) {
  const rig = await Rig.start(t, runner);
  const path = writeNpy(join(rig.temp, "noise.npy"), shape, values);
  rig.frames("noise", path, ...PLAYED, ...node);
  const viewer = await Viewer.open(browser, rig.url + query, context);
  t.after(() => viewer.close());
  await viewer.becomes("frame", "noise", "live", SOON_MS);
  return { rig, viewer, box: await maximised(viewer) };
}

/**
 * Where the picture is, which fills the window from now on: other panes come and go.
 *
 * @param {Viewer} viewer
 */
async function maximised(viewer) {
  const pane = viewer.pane("frame", "noise");
  await pane.getByRole("button", { name: "maximise noise" }).click({ timeout: SOON_MS });
  // Keys are for the page: Space would press the button again.
  await viewer.page.evaluate(
    () => document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  );
  const picture = pane.locator(".picture");
  return until("the picture has its place", SOON_MS, async () => {
    const before = await picture.boundingBox();
    await viewer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    const now = await picture.boundingBox();
    const fills = (await viewer.page.locator(".pane.maximised").count()) === 1;
    return fills && now !== null && JSON.stringify(before) === JSON.stringify(now) && now;
  });
}

/**
 * What the probe says; null where there is none.
 *
 * @param {Viewer} viewer
 */
async function probe(viewer) {
  return viewer.page.evaluate(() => {
    const element = document.querySelector("output.probe");
    if (!(element instanceof HTMLElement)) return null;
    const { state = "", x, y, session = "", seq, value = "" } = element.dataset;
    return {
      state,
      ...{ x: Number(x), y: Number(y), session, seq: Number(seq) },
      /** The frame on screen. */
      shown: Number(element.closest("[data-seq]:not(output)")?.getAttribute("data-seq")),
      value: value === "" ? null : Number(value),
      text: element.innerText.replaceAll(/\s+/g, " "),
    };
  });
}

/** Column and row that the probe is at. @param {Viewer} viewer */
async function place(viewer) {
  const told = await probe(viewer);
  return told === null ? null : [told.x, told.y];
}

/** How many times larger than all of it the picture is shown. @param {Viewer} viewer */
async function zoomOf(viewer) {
  const chip = viewer.pane("frame", "noise").locator(".zoom-chip");
  return (await chip.count()) === 0 ? 1 : Number(await chip.getAttribute("data-zoom"));
}

/** @param {number} zoom @param {{ width: number }} box @param {{ width: number }} size */
function atLimit(zoom, box, size) {
  return Math.abs((zoom * box.width) / size.width - 64) < 0.01;
}

/**
 * The scale bar is as long as it says: a pixel of the frame is half a micrometre wide.
 *
 * @param {Viewer} viewer
 * @param {{ width: number }} box
 * @param {number} columns
 * @param {number} zoom
 */
async function checkScale(viewer, box, columns, zoom) {
  const bar = viewer.pane("frame", "noise").locator(".scale-bar");
  const px = (await bar.locator("i").boundingBox())?.width ?? NaN;
  const [length, unit] = [await bar.getAttribute("data-length"), await bar.getAttribute("data-unit")];
  const microns = Number(length) * (unit === "nm" ? 1e-3 : 1);
  assert.ok(unit === "nm" || unit === "µm", `a length in ${unit}`);
  assert.match(String(length), /^[125]0*$/);
  assert.equal(await bar.innerText(), `${length} ${unit}`);
  const expected = (microns / 0.5) * ((box.width / columns) * zoom);
  assert.ok(
    Math.abs(px - expected) < 0.02 * expected + 0.5,
    `${px} pixels for ${length} ${unit}: ${expected}`,
  );
}

/**
 * Every pixel of the frame that is wholly seen is a square of one colour, black or white as it was captured, and in its
 * place.
 *
 * @param {Viewer} viewer
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {{ width: number, height: number }} size
 * @param {Uint16Array} values
 * @param {string} when
 */
async function checkSquares(viewer, box, size, values, when) {
  const style = await viewer.pane("frame", "noise").locator(".picture").getAttribute("style");
  const variable = (/** @type {string} */ name) =>
    Number(new RegExp(`--${name}: *([^;]+)`).exec(style ?? "")?.[1]);
  const [zoom, left, top] = [variable("zoom"), variable("left") * size.width, variable("top") * size.height];
  const scale = (zoom * box.width) / size.width;
  /** @type {{ x: number, y: number }[]} */
  const pixels = [];
  for (let y = Math.ceil(top); y + 1 <= top + size.height / zoom; y++)
    for (let x = Math.ceil(left); x + 1 <= left + size.width / zoom; x++) pixels.push({ x, y });
  // Close to the corners, but not on the edge, and the middle.
  const inset = Math.max(0.15, 1.5 / scale);
  const points = [[0.5, 0.5], [inset, inset], [1 - inset, inset], [inset, 1 - inset], [1 - inset, 1 - inset]]; // prettier-ignore
  const spots = pixels.flatMap(({ x, y }) =>
    points.map(([dx = 0, dy = 0]) => [(x + dx - left) * scale, (y + dy - top) * scale]),
  );
  await until(`squares, ${when}`, SOON_MS, async () => {
    const greys = await screen(viewer, box, spots);
    let [even, right, seen] = [0, 0, 0];
    pixels.forEach(({ x, y }, i) => {
      const all = greys.slice(i * points.length, (i + 1) * points.length);
      // What lies over the picture is no part of it.
      if (all.includes(null)) return;
      seen++;
      const levels = /** @type {number[]} */ (all);
      if (Math.max(...levels) - Math.min(...levels) <= 6) even++;
      if ((levels[0] ?? NaN) > 127 === (values[y * size.width + x] ?? NaN) > 0) right++;
    });
    // The codec makes mistakes; a smooth picture, or one that is off by a pixel, makes them everywhere.
    return seen > 20 && even === seen && right > 0.97 * seen;
  });
}

/**
 * Grey levels on the screen at these points of a box, CSS pixels; null where something lies over the picture.
 *
 * @param {Viewer} viewer
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {number[][]} spots
 * @returns {Promise<(number | null)[]>}
 */
async function screen(viewer, box, spots) {
  const png = (await viewer.page.screenshot()).toString("base64");
  return viewer.page.evaluate(
    async ({ png, box, spots }) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      const covers = [...document.querySelectorAll(".picture .layers *, .seekbar, .note")]
        .filter((element) => getComputedStyle(element).opacity !== "0" && !(element instanceof SVGElement))
        .map((element) => element.getBoundingClientRect());
      return spots.map(([left = 0, top = 0]) => {
        const [x, y] = [box.x + left, box.y + top];
        const covered = covers.some(
          (cover) =>
            x > cover.left - 10 && x < cover.right + 10 && y > cover.top - 10 && y < cover.bottom + 10,
        );
        return covered ? null : (data[(Math.floor(y) * image.width + Math.floor(x)) * 4] ?? null);
      });
    },
    { png, box, spots },
  );
}

/** Frames as they were captured, each fetched once. @param {string} url */
function rawFrames(url) {
  /** @type {Map<number, Promise<{ shape: number[], values: import("./npy.js").Values }>>} */
  const known = new Map();
  return {
    /** @param {{ session: string, seq: number, x: number, y: number }} spot */
    async value({ session, seq, x, y }) {
      const path = `api/v1/streams/noise/frames/${seq}.npy?session=${session}`;
      const frame =
        known.get(seq) ??
        fetch(new URL(path, url)).then(async (answer) => readNpy(await answer.arrayBuffer()));
      known.set(seq, frame);
      const { shape, values } = await frame;
      return values[y * (shape[1] ?? NaN) + x];
    },
  };
}

/** A file of a frame. @param {string} url @param {number} seq @param {string} format */
async function raw(url, seq, format) {
  const answer = await fetch(new URL(`api/v1/streams/noise/frames/${seq}.${format}`, url));
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

/** The values in a `.npy`, as they are. @param {Buffer} file */
function valuesOf(file) {
  return file.subarray(10 + file.readUInt16LE(8));
}

/**
 * The file that the page hands over.
 *
 * @param {Viewer} viewer
 * @param {() => Promise<void>} act
 */
async function saved(viewer, act) {
  const [download] = await Promise.all([viewer.page.waitForEvent("download", { timeout: SOON_MS }), act()]);
  const name = download.suggestedFilename();
  const seq = Number(/_(\d+)\.\w+$/.exec(name)?.[1]);
  return { name, seq, bytes: readFileSync(await download.path()) };
}

/** The same numbers every time: whole, from 0 to below `limit` (Park and Miller, 1988). @param {number} limit */
function random(limit, state = 7) {
  return () => Math.floor(((state = (state * 16_807) % 2_147_483_647) / 2_147_483_647) * limit);
}
