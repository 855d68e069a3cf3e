import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  atLimit,
  checkScale,
  checkSquares,
  maximised,
  open,
  place,
  probe,
  random,
  raw,
  rawFrames,
  saved,
  SOON_MS,
  valuesOf,
  zoomOf,
} from "./noise.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

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
  const { rig, viewer, box } = await open(browser, t, [16, size.height, size.width], noise, {
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
  const { rig, viewer: first } = await open(browser, t, [8, size.height, size.width], noise, {
    runner: [],
    node: [],
  });
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
  const { viewer, box } = await open(browser, t, [1, size.height, size.width], checks, {
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
    await stays(viewer, pixel, `it moved away at ${zooms.at(-1)} times`);
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
  await stays(viewer, held, "it was left behind by the pointer");
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
  const { viewer, box } = await open(browser, t, [1, size.height, size.width], checks, {
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
  const { rig, viewer, box } = await open(browser, t, shape, noise, {
    runner: ["--raw-window", "8s"],
    node: [],
  });
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
    viewer.errors.filter((text) => !text.includes("status of 404")),
    [],
  );
});

test("fingers zoom, move and pick", async (t) => {
  const size = { width: 64, height: 48 };
  const noise = Uint16Array.from({ length: size.width * size.height }, random(65_536));
  const { rig, viewer, box } = await open(browser, t, [1, size.height, size.width], noise, {
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
  let before = NaN;
  const zoom = await until("two fingers zoom, and rest", SOON_MS, async () => {
    const zoom = await zoomOf(viewer);
    const rests = zoom === before;
    before = zoom;
    return rests && zoom > 2 && zoom;
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
 * The probe is at this pixel, as soon as what was done is drawn.
 *
 * @param {Viewer} viewer
 * @param {number[] | null} pixel
 * @param {string} otherwise
 */
async function stays(viewer, pixel, otherwise) {
  await until(`${pixel}, or ${otherwise}`, SOON_MS, async () => {
    const at = await place(viewer);
    return at !== null && at.join() === pixel?.join();
  });
}
