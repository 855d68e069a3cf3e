import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accounted } from "./accounted.js";
import { account } from "./frames.js";
import { readNpy, writeNpy } from "./npy.js";
import { HOT, PLAIN, reference } from "./reference.js";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** @typedef {import("./reference.js").Seen} Seen */
/** @typedef {import("./npy.js").Values} Values */

/** Until what was asked for is there; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 60_000;
/** Odd on purpose: rows of such a width begin anywhere in memory. */
const [WIDTH, HEIGHT] = [97, 61];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

const TYPES = /** @type {const} */ ([
  { dtype: "uint8", type: Uint8Array, values: [0, 1, 254, 255], range: [0, 255] },
  { dtype: "uint16", type: Uint16Array, values: [0, 1, 4095, 65_535], range: [0, 65_535] },
  { dtype: "int16", type: Int16Array, values: [-32_768, -1, 0, 32_767], range: [-32_768, 32_767] },
  {
    dtype: "float32",
    type: Float32Array,
    values: [NaN, Infinity, -Infinity, 0, -0.02, 0.4, 1e-40],
    range: [-0.02, 0.4],
  },
]);

for (const { dtype, type, values, range } of TYPES) {
  test(`every pixel of ${dtype} has the colour of its value`, async (t) => {
    const rig = await Rig.start(t);
    const movie = new type(4 * WIDTH * HEIGHT);
    const [min, max] = range;
    for (let i = 0; i < movie.length; i++) {
      movie[i] = i % 7 === 0 ? (values[(i / 7) % values.length] ?? NaN) : min + Math.random() * (max - min);
    }
    const file = writeNpy(join(rig.temp, "movie.npy"), [4, HEIGHT, WIDTH], movie);
    rig.frames("cam", file, "--loop", "--fps", "10", "--range", range.join());
    const viewer = await exactly(rig, "cam", byShader);
    /** @type {Seen} */
    const seen = { ...PLAIN, window: { black: min, white: max } };
    await isDrawn(rig, viewer, "cam", dtype, seen);

    // Looked at otherwise, by this viewer alone.
    await viewer.pane("frame", "cam").getByRole("button", { name: "display of cam" }).click();
    const panel = viewer.page.locator('.display-panel[data-id="cam"]');
    const [black, white] = [min + (max - min) / 8, max - (max - min) / 4];
    await panel.getByRole("textbox", { name: "max" }).fill(String(white));
    await panel.getByRole("textbox", { name: "max" }).press("Enter");
    await panel.getByRole("textbox", { name: "min" }).fill(String(black));
    await panel.getByRole("textbox", { name: "min" }).press("Enter");
    await panel.getByRole("combobox", { name: "colormap" }).selectOption("hot");
    await panel.getByRole("checkbox", { name: "invert" }).check();
    await panel.getByRole("slider", { name: "gamma" }).fill(String(Math.log10(2)));
    const gamma = await until("the panel says its gamma", SOON_MS, async () =>
      Number(await panel.getByRole("slider", { name: "gamma" }).getAttribute("aria-valuetext")),
    );
    const otherwise = { ...seen, window: { black, white }, palette: HOT, invert: true, gamma };
    await isDrawn(rig, viewer, "cam", dtype, otherwise);
    await panel.getByRole("checkbox", { name: "highlight saturation" }).check();
    const highlight = { zero: dtype === "float32" ? min : Math.min(0, min), saturated: max };
    await isDrawn(rig, viewer, "cam", dtype, { ...otherwise, highlight });
    const { display } = /** @type {any} */ (await rig.stream("frame", "cam"));
    assert.deepEqual([display.colormap, display.window.mode], ["gray", "default"], "others see it as before");
    assert.deepEqual(viewer.errors, []);
    assert.deepEqual(await viewer.violations(), []);
  });
}

test("a viewer that is slow gets fewer frames, and never older ones", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("bars", "barcode", "--shape", "128x160", "--dtype", "uint8", "--fps", "30");
  // Three pictures a second, whatever the machine.
  const viewer = await exactly(rig, "bars", async (page) => {
    await page.addInitScript(() => {
      const animate = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (callback) => window.setTimeout(() => animate(callback), 300);
    });
  });
  const shown = await until("ten seconds of it", SOON_MS, async () => {
    const frames = await viewer.shown("bars");
    return (frames.at(-1)?.atMs ?? 0) - (frames[0]?.atMs ?? 0) > 10_000 && frames;
  });
  const { frames, missing, backwards, unreadable } = account(shown);
  const [first, last] = [shown[0], shown.at(-1)];
  const aged = (last?.atMs ?? NaN) - (last?.tMs ?? NaN);
  t.diagnostic(`${frames} frames on screen, ${missing} not; the last one was ${aged} ms old`);
  assert.deepEqual([backwards, unreadable], [0, 0]);
  assert.ok(missing > 2 * frames, "it got what it had no time for");
  // With a queue, of which a tenth is shown, nearly all of the time would have passed.
  assert.ok(aged < 0.5 * ((last?.atMs ?? NaN) - (first?.atMs ?? NaN)), "frames grow older");
  t.diagnostic(await accounted(viewer, rig, "bars"));
});

test("a large frame says that it is reduced, and what is zoomed at is there in full", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("big", "synthetic", "--shape", "1200x1600", "--dtype", "uint16", "--fps", "4");
  const viewer = await exactly(rig, "big");
  const canvas = viewer.pane("frame", "big").locator("canvas.exact");
  const note = viewer.pane("frame", "big").locator(".exact-note");
  await until(
    "it says that it is reduced",
    SOON_MS,
    async () => (await note.textContent()) === "1/2 resolution",
  );
  assert.equal(await canvas.getAttribute("data-region"), "0 0 1600 1200");

  const box = await viewer.pane("frame", "big").locator(".picture").boundingBox();
  assert.ok(box !== null);
  await viewer.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < 8; i++) await viewer.page.mouse.wheel(0, -100);
  await until(
    "a part of it in full",
    SOON_MS,
    async () => (await canvas.getAttribute("data-factor")) === "1",
  );
  const [x = NaN, y = NaN, width = NaN, height = NaN] =
    (await canvas.getAttribute("data-region"))?.split(" ").map(Number) ?? [];
  assert.ok(width < 1600 && height < 1200, "only the part that is looked at");
  assert.ok(x < 800 && x + width > 800 && y < 600 && y + height > 600, "the middle, at which it was zoomed");
  await until("it says so no more", SOON_MS, async () => (await note.count()) === 0);
  const { range } = /** @type {any} */ (await rig.stream("frame", "big")).format;
  const [black, white] = range ?? [0, 65_535];
  await isDrawn(rig, viewer, "big", "uint16", { ...PLAIN, window: { black, white } });

  await viewer.page.keyboard.press("0");
  await until("all of it again", SOON_MS, async () => (await note.textContent()) === "1/2 resolution");
  assert.deepEqual(viewer.errors, []);
});

// The next frame comes after the page was told, or before.
for (const toldMs of [0, 500]) {
  test(`what is lost with the graphics processor is made anew, else the encoded picture takes its place; told after ${toldMs} ms`, async (t) => {
    const rig = await Rig.start(t);
    rig.frames("bars", "barcode", "--shape", "128x160", "--dtype", "uint8", "--fps", "15");
    const viewer = await exactly(rig, "bars", async (page) => {
      await byShader(page);
      await page.addInitScript((toldMs) => {
        /** @type {{ made: WebGL2RenderingContext[], given: boolean }} */
        const contexts = { made: [], given: true };
        Object.assign(window, { contexts });
        const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = /** @type {any} */ (
          /** @this {HTMLCanvasElement} @param {string} kind @param {any} options */
          function (kind, options) {
            if (kind !== "webgl2") return get.call(this, kind, options);
            const context = contexts.given ? get.call(this, "webgl2", options) : null;
            if (!(context instanceof WebGL2RenderingContext)) return context;
            contexts.made.push(context);
            // Before the page hears of it.
            this.addEventListener("webglcontextlost", (event) => {
              if (toldMs === 0 || !event.isTrusted) return;
              event.stopImmediatePropagation();
              setTimeout(() => this.dispatchEvent(new Event("webglcontextlost")), toldMs);
            });
            return context;
          }
        );
      }, toldMs);
    });
    const lose = (/** @type {boolean} */ given) =>
      viewer.page.evaluate((given) => {
        const { contexts } = /** @type {any} */ (window);
        contexts.given = given;
        contexts.made.at(-1).getExtension("WEBGL_lose_context").loseContext();
      }, given);
    const frames = async (/** @type {string} */ path, /** @type {number} */ sinceMs) =>
      (await viewer.shown("bars", sinceMs)).filter(({ said }) => said?.path === path).length;

    await lose(true);
    let lostMs = Date.now();
    await until("exact pixels go on", SOON_MS, async () => (await frames("exact", lostMs + 1000)) > 10);
    assert.equal(await frames("webcodecs", lostMs), 0);
    await lose(false);
    lostMs = Date.now();
    await until(
      "the encoded picture is there",
      SOON_MS,
      async () => (await frames("webcodecs", lostMs)) > 10,
    );
    await viewer.becomes("frame", "bars", "live", SOON_MS);
    const title = await viewer.pane("frame", "bars").locator("label.path").getAttribute("title");
    assert.match(title ?? "", /Exact: (the graphics processor was lost|.*WebGL 2)/);
    assert.deepEqual(viewer.errors, []);
  });
}

test("one picture is exact, also while it stands, and that is kept for the next visit", async (t) => {
  const rig = await Rig.start(t, ["--raw-window", "300s"]);
  for (const id of ["left", "right"]) {
    rig.frames(id, "barcode", "--shape", "128x160", "--dtype", "uint8", "--fps", "10");
  }
  await until("both are on", SOON_MS, async () =>
    (await Promise.all(["left", "right"].map((id) => rig.stream("frame", id)))).every(
      (stream) => stream?.hls,
    ),
  );
  const viewer = await Viewer.open(browser, rig.url);
  const path = (/** @type {string} */ id) => viewer.fact("frame", id, "data-path");
  await viewer.becomes("frame", "left", "live", SOON_MS);
  await viewer.pane("frame", "left").locator("select").selectOption("exact");
  await until("left is exact", SOON_MS, async () => (await path("left")) === "exact");
  assert.notEqual(await path("right"), "exact");
  await viewer.page.reload();
  await until("left is exact again", SOON_MS, async () => (await path("left")) === "exact");
  assert.notEqual(await path("right"), "exact");

  // It leads, and stands.
  await viewer.pane("frame", "left").locator("h2").click();
  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "left", "paused", SOON_MS);
  await isDrawn(rig, viewer, "left", "uint8", PLAIN);
  const stood = Number(await viewer.fact("frame", "left", "data-seq"));
  await viewer.page.keyboard.press("ArrowLeft");
  await until("the frame before", SOON_MS, async () => {
    const seq = Number(await viewer.fact("frame", "left", "data-seq"));
    return seq === stood - 1 && (await path("left")) === "exact";
  });
  await isDrawn(rig, viewer, "left", "uint8", PLAIN);
  assert.equal((await viewer.look("left"))?.seq, stood - 1);

  await viewer.page.keyboard.press("l");
  await until("it goes on, exactly", SOON_MS, async () => (await viewer.look("left"))?.seq !== stood - 1);
  await viewer.becomes("frame", "left", "live", SOON_MS);
  await until("on its path", SOON_MS, async () => (await path("left")) === "exact");
  assert.deepEqual(viewer.errors, []);
});

test("of a frame that is not kept any more the encoded picture stands, and says so", async (t) => {
  // Whatever is sought is older than that.
  const rig = await Rig.start(t, ["--raw-window", "100ms"]);
  rig.frames("bars", "barcode", "--shape", "128x160", "--dtype", "uint8", "--fps", "10");
  await until("it is on", SOON_MS, async () => (await rig.stream("frame", "bars"))?.hls);
  const viewer = await exactly(rig, "bars");
  await viewer.page.keyboard.press(" ");
  await viewer.becomes("frame", "bars", "paused", SOON_MS);
  const stood = Number(await viewer.fact("frame", "bars", "data-seq"));
  assert.equal((await viewer.look("bars"))?.said.path, "exact", "what is on screen needs nothing to be kept");
  await viewer.page.keyboard.press("ArrowLeft");
  const note = viewer.pane("frame", "bars").locator(".exact-note");
  /** @type {unknown} */
  let now = null;
  const agrees = async () => {
    const look = await viewer.look("bars");
    const said = (await note.count()) === 1 ? await note.textContent() : "";
    now = { ...look, note: said };
    return look?.seq === stood - 1 && look.said.path === "hls" && said === "only the encoded picture is left";
  };
  try {
    await until("the encoded picture stands, and says so", SOON_MS, agrees);
  } catch {
    assert.fail(`expected ${stood - 1} as it was encoded, got ${JSON.stringify(now)}`);
  }
});

test("a page that stands at a frame which is not encoded yet steps from that very one", async (t) => {
  const rig = await Rig.start(t);
  // So slow that the queue before the encoder holds what comes while that stands still.
  rig.frames("bars", "barcode", "--shape", "128x160", "--dtype", "uint8", "--fps", "5");
  const viewer = await exactly(rig, "bars");
  const seq = async () => Number(await viewer.fact("frame", "bars", "data-seq"));
  for (const [key, by] of /** @type {const} */ ([
    ["ArrowLeft", -1],
    ["ArrowRight", 1],
  ])) {
    const encoder = await until("an encoder", SOON_MS, () => rig.encoder("bars"));
    process.kill(encoder, "SIGSTOP");
    const { seq: before } = /** @type {any} */ (await rig.stream("frame", "bars"));
    await until("a frame that came since", SOON_MS, async () => (await seq()) > before + 1);
    const answer = viewer.page.waitForResponse((response) => response.url().includes("/timeline?"));
    await viewer.page.keyboard.press(" ");
    await viewer.becomes("frame", "bars", "paused", SOON_MS);
    const stood = await seq();
    // The runner does not know the frame yet of which the page asks.
    const timeline = await (await answer).json();
    assert.ok(!timeline.spans.some((/** @type {{ seq: number[] }} */ span) => span.seq.includes(stood)));
    await viewer.page.keyboard.press(key);
    process.kill(encoder, "SIGCONT");
    await until(`${key} from ${stood}`, SOON_MS, async () => {
      const now = await viewer.look("bars");
      return now?.seq === stood + by && now.said.seq === now.seq;
    });
    await viewer.page.keyboard.press("l");
    await viewer.becomes("frame", "bars", "live", SOON_MS);
  }
  assert.equal(/** @type {any} */ (await rig.stream("frame", "bars")).encoder.restarts, 0);
});

/** A browser that does not say what is behind its WebGL is drawn by it. @param {import("playwright-core").Page} page */
async function byShader(page) {
  await page.addInitScript(() => {
    const get = WebGL2RenderingContext.prototype.getExtension;
    WebGL2RenderingContext.prototype.getExtension = /** @type {any} */ (
      /** @this {WebGL2RenderingContext} @param {string} name */
      function (name) {
        return name === "WEBGL_debug_renderer_info" ? null : /** @type {any} */ (get).call(this, name);
      }
    );
  });
}

/**
 * A page that shows every stream exactly.
 *
 * @param {Rig} rig
 * @param {string} id
 * @param {(page: import("playwright-core").Page) => Promise<void>} [prepare]
 */
async function exactly(rig, id, prepare = async () => undefined) {
  await until(`${id} is there`, SOON_MS, async () => (await rig.stream("frame", id))?.seq);
  const viewer = await Viewer.open(browser, `${rig.url}?path=exact`, {}, prepare);
  await until(
    `${id} is shown exactly`,
    SOON_MS,
    async () => (await viewer.fact("frame", id, "data-path")) === "exact",
  );
  return viewer;
}

/**
 * Waits until every pixel of the canvas is what the values of its frame have to look like.
 *
 * @param {Rig} rig
 * @param {Viewer} viewer
 * @param {string} id
 * @param {string} dtype
 * @param {Seen} seen
 */
async function isDrawn(rig, viewer, id, dtype, seen) {
  let wrong = "";
  const look = async () => {
    const drawn = await canvas(viewer, id);
    // A frame may go before it can be compared.
    const frame = drawn === null ? null : await npy(rig, id, drawn.seq, drawn.session);
    if (drawn === null || frame === null) return false;
    const [x = 0, y = 0, width = 0, height = 0] = drawn.region;
    const [, across = 0] = frame.shape;
    const data = Array.from({ length: height }, (_, row) => {
      const start = (y + row) * across + x;
      return [...frame.values.subarray(start, start + width)];
    }).flat();
    assert.deepEqual(
      [drawn.width, drawn.height],
      [width, height],
      "a pixel of the canvas for each of the frame",
    );
    const expected = reference({ dtype, channels: 1, data }, seen);
    const at = drawn.rgba.findIndex((colour, i) => colour !== expected[i]);
    const colour = (/** @type {ArrayLike<number>} */ colours) =>
      Array.from(colours).slice(at - (at % 4), at - (at % 4) + 4);
    wrong = `${data[at >> 2]} is ${colour(drawn.rgba)}, expected ${colour(expected)} in frame ${drawn.seq}`;
    return at < 0 && drawn.rgba.length === expected.length;
  };
  await until(`${id} looks like ${JSON.stringify({ ...seen, palette: 0 })}`, SOON_MS, look).catch((error) =>
    assert.fail(`${error.message}: ${wrong}`),
  );
}

/**
 * What is on the canvas, and of which frame: read at once, so that it is one.
 *
 * @param {Viewer} viewer
 * @param {string} id
 */
async function canvas(viewer, id) {
  const drawn = await viewer.page.evaluate((id) => {
    const pane = document.querySelector(`[data-kind="frame"][data-id="${id}"]`);
    const canvas = pane?.querySelector("canvas.exact");
    if (!(pane instanceof HTMLElement) || !(canvas instanceof HTMLCanvasElement)) return null;
    const { width, height } = canvas;
    const data = canvas.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    // As text, for a list of numbers takes its time on the way.
    let binary = "";
    for (let i = 0; i < data.length; i += 8192) binary += String.fromCharCode(...data.slice(i, i + 8192));
    const { seq, session } = pane.dataset;
    const region = (canvas.dataset["region"] ?? "").split(" ").map(Number);
    return { seq: Number(seq), session: session ?? "", width, height, region, rgba: btoa(binary) };
  }, id);
  return drawn === null ? null : { ...drawn, rgba: Buffer.from(drawn.rgba, "base64") };
}

/**
 * A frame as it was captured; null where it is not kept any more.
 *
 * @param {Rig} rig
 * @param {string} id
 * @param {number} seq
 * @param {string} [session]
 */
async function npy(rig, id, seq, session) {
  const query = session === undefined ? "" : `?session=${session}`;
  const answer = await fetch(new URL(`/api/v1/streams/${id}/frames/${seq}.npy${query}`, rig.url));
  if (answer.status === 404) return null;
  assert.equal(answer.status, 200);
  return readNpy(await answer.arrayBuffer());
}
