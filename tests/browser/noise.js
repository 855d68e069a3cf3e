/** A movie of noise on a page: its picture, what is said of its pixels, and its frames as they were captured. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readNpy, writeNpy } from "./npy.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { Viewer } from "./viewer.js";

/** Until what was asked for is there; a debug build on a busy machine takes its time, ms. */
export const SOON_MS = 60_000;
/** How movies are played: slow enough for a busy machine. */
const PLAYED = ["--loop", "--fps", "10"];

/**
 * A page with a movie as the stream `noise`, and where its picture is.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("node:test").TestContext} t
 * @param {readonly number[]} shape
 * @param {Uint16Array} values
 * @param {{ runner: string[], node: string[], query?: string, context?: import("playwright-core").BrowserContextOptions }} how
 */
export async function open(browser, t, shape, values, { runner, node, query = "", context = {} }) {
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
export async function maximised(viewer) {
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
export async function probe(viewer) {
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
export async function place(viewer) {
  const told = await probe(viewer);
  return told === null ? null : [told.x, told.y];
}

/** How many times larger than all of it the picture is shown. @param {Viewer} viewer */
export async function zoomOf(viewer) {
  const chip = viewer.pane("frame", "noise").locator(".zoom-chip");
  return (await chip.count()) === 0 ? 1 : Number(await chip.getAttribute("data-zoom"));
}

/** @param {number} zoom @param {{ width: number }} box @param {{ width: number }} size */
export function atLimit(zoom, box, size) {
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
export async function checkScale(viewer, box, columns, zoom) {
  const bar = viewer.pane("frame", "noise").locator(".scale-bar");
  let last = "";
  const right = async () => {
    const px = (await bar.locator("i").boundingBox())?.width ?? NaN;
    const [length, unit] = [await bar.getAttribute("data-length"), await bar.getAttribute("data-unit")];
    const microns = Number(length) * (unit === "nm" ? 1e-3 : unit === "µm" ? 1 : NaN);
    const expected = (microns / 0.5) * ((box.width / columns) * zoom);
    last = `${px} pixels for ${length} ${unit}: ${expected}`;
    const said = (await bar.innerText()) === `${length} ${unit}` && /^[125]0*$/.test(length ?? "");
    return said && Math.abs(px - expected) < 0.02 * expected + 0.5;
  };
  // It is drawn anew after the picture is.
  await until("a scale bar that is right", SOON_MS, right).catch((error) => assert.fail(`${error}; ${last}`));
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
export async function checkSquares(viewer, box, size, values, when) {
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
export function rawFrames(url) {
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
export async function raw(url, seq, format) {
  const answer = await fetch(new URL(`api/v1/streams/noise/frames/${seq}.${format}`, url));
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

/** The values in a `.npy`, as they are. @param {Buffer} file */
export function valuesOf(file) {
  return file.subarray(10 + file.readUInt16LE(8));
}

/**
 * The file that the page hands over.
 *
 * @param {Viewer} viewer
 * @param {() => Promise<void>} act
 */
export async function saved(viewer, act) {
  const [download] = await Promise.all([viewer.page.waitForEvent("download", { timeout: SOON_MS }), act()]);
  const name = download.suggestedFilename();
  const seq = Number(/_(\d+)\.\w+$/.exec(name)?.[1]);
  return { name, seq, bytes: readFileSync(await download.path()) };
}

/** The same numbers every time: whole, from 0 to below `limit` (Park and Miller, 1988). @param {number} limit */
export function random(limit, state = 7) {
  return () => Math.floor(((state = (state * 16_807) % 2_147_483_647) / 2_147_483_647) * limit);
}
