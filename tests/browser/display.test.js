import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { greys, shows, writePatches } from "./patches.js";
import { missing, recording, Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** @typedef {import("./patches.js").Colour} Colour */
/** @typedef {import("./patches.js").Window} Window */

/** Until what was asked for is there; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 60_000;
/** What codec and rounding may change of a grey level and of a colour, with the encoder's finest settings. */
const GREY = 4;
const COLOUR = 10;
const FINE = ["--crf", "6"];

/** How the movies are played: slow enough for a busy machine. */
const PLAYED = ["--loop", "--fps", "10"];
/** Values of the patches. */
const VALUES = [0, 500, 1000, 2000, 3000, 4000, 20_000, 65_535];
/** @type {Window} */
const ALL = [0, 65_535];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const path of ["webcodecs", "mse"]) {
  test(`${path}: a typed window is on screen, and the encoder goes on`, async (t) => {
    const { rig, viewer } = await patches(t, `?path=${path}`);
    await sees(viewer, "nothing was changed", greys(VALUES, ALL));
    const encoder = await until("an encoder", SOON_MS, () => rig.encoder("patches"));
    const panel = await open(viewer, "patches");
    await type(panel, "min", "1000");
    await type(panel, "max", "4000");
    await sees(viewer, "1000 to 4000", greys(VALUES, [1000, 4000]));
    await becomes(panel, "fixed", [1000, 4000]);
    // And back, on the same player of the same encoder.
    await panel.getByRole("button", { name: "Full range" }).click();
    await sees(viewer, "all that uint16 holds", greys(VALUES, ALL));
    assert.equal(await rig.encoder("patches"), encoder, "the encoder was restarted");
    assert.equal(/** @type {any} */ (await rig.stream("frame", "patches")).encoder.restarts, 0);
    assert.equal(viewer.navigations, 1);
    assert.deepEqual(viewer.errors, []);
  });
}

test("gamma, invert, colours and marks are those of the values, and R takes all back", async (t) => {
  const { rig, viewer } = await patches(t);
  const panel = await open(viewer, "patches");
  await type(panel, "max", "4000");
  await sees(viewer, "0 to 4000", greys(VALUES, [0, 4000]));

  await panel.getByRole("slider", { name: "gamma" }).fill(String(Math.log10(2)));
  await sees(viewer, "gamma 2", greys(VALUES, [0, 4000], { gamma: 2 }));
  await panel.getByRole("checkbox", { name: "invert" }).check();
  await sees(viewer, "gamma 2, inverted", greys(VALUES, [0, 4000], { gamma: 2, invert: true }));
  await panel.getByRole("checkbox", { name: "invert" }).uncheck();
  await panel.getByRole("slider", { name: "gamma" }).dblclick();
  await sees(viewer, "gamma 1 again", greys(VALUES, [0, 4000]));

  // As published, at 0, 1/4, 1/2, 3/4 and 1 of its length: https://bids.github.io/colormap/
  const [dark, blue, teal, green, yellow] = /** @type {const} */ ([
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [253, 231, 37],
  ]);
  const colormap = panel.getByRole("combobox", { name: "colormap" });
  await colormap.selectOption("viridis");
  const viridis = /** @type {const} */ ([dark, null, blue, teal, green, yellow, yellow, yellow]);
  await sees(viewer, "viridis", viridis, COLOUR);
  await panel.getByRole("checkbox", { name: "highlight saturation" }).check();
  const marked = /** @type {const} */ ([[0, 0, 255], ...viridis.slice(1, -1), [255, 0, 0]]);
  await sees(viewer, "zero blue and saturated red", marked, COLOUR);

  // A key is meant for the pane under the pointer, whatever box was clicked last.
  await viewer.pane("frame", "patches").hover();
  await viewer.page.keyboard.press("r");
  await sees(viewer, "what was before any change", greys(VALUES, ALL));
  const { window, ...others } = await settings(rig, "patches");
  assert.equal(window.mode, "default");
  const fresh = { gamma: 1, colormap: "gray", invert: false, highlight: false, shown: ALL };
  assert.deepEqual(others, fresh);
  await until("the panel says so", SOON_MS, async () => (await colormap.inputValue()) === "gray");
  assert.deepEqual(viewer.errors, []);
});

test("a window finds itself, once and from now on, and its ends can be dragged", async (t) => {
  const { rig, viewer } = await patches(t);
  const panel = await open(viewer, "patches");
  await panel.getByRole("button", { name: "Auto", exact: true }).click();
  // A percentile of the values is the outermost one here.
  await sees(viewer, "Auto", greys(VALUES, ALL));
  await becomes(panel, "fixed", ALL);

  await panel.locator("summary").click();
  await panel.getByRole("checkbox", { name: "ignore zeros" }).check();
  await panel.getByRole("checkbox", { name: "ignore saturated" }).check();
  await panel.getByRole("button", { name: "Auto", exact: true }).click();
  await sees(viewer, "Auto without zeros and saturated", greys(VALUES, [500, 20_000]));
  await becomes(panel, "fixed", [500, 20_000]);

  const continuous = panel.getByRole("button", { name: "Auto continuous" });
  await panel.getByRole("checkbox", { name: "ignore saturated" }).uncheck();
  await continuous.click();
  await sees(viewer, "Auto continuous, with saturated", greys(VALUES, [500, 65_535]));
  await becomes(panel, "auto", [500, 65_535]);
  assert.equal(await continuous.getAttribute("aria-pressed"), "true");
  await continuous.click();
  await becomes(panel, "fixed", [500, 65_535]);

  await until("the histogram", SOON_MS, async () =>
    (await panel.locator(".display-counted").innerText()).includes("#"),
  );
  const plot = panel.locator(".histogram-plot");
  const held = panel.getByRole("slider", { name: "maximum" });
  const [from, box] = [await held.boundingBox(), await plot.boundingBox()];
  assert.ok(from !== null && box !== null);
  const { mouse } = viewer.page;
  await mouse.move(from.x + from.width / 2, box.y + box.height / 2);
  await mouse.down();
  await mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 10 });
  await mouse.up();
  const max = await until("the runner has what was dragged", SOON_MS, async () => {
    const { window } = await settings(rig, "patches");
    return String(window.max) === (await panel.getAttribute("data-max")) && window.max < 60_000 && window.max;
  });
  assert.ok(max > 20_000 && max < 45_000, `the middle of the axis is ${max}`);
  await sees(viewer, `500 to ${max}`, greys(VALUES, [500, max]));
  assert.deepEqual(viewer.errors, []);
});

test("what cannot be is refused in words, and changes nothing", async (t) => {
  const { rig, viewer } = await patches(t);
  const panel = await open(viewer, "patches");
  await type(panel, "max", "4000");
  await type(panel, "min", "1000");
  await sees(viewer, "1000 to 4000", greys(VALUES, [1000, 4000]));
  const before = await settings(rig, "patches");
  assert.deepEqual(before.shown, [1000, 4000]);
  const alert = panel.locator(".display-error").first();
  for (const [field, text, words] of /** @type {const} */ ([
    ["min", "4000", "window.min is 4000, max is 4000: expected min below max"],
    ["max", "999", "window.min is 1000, max is 999: expected min below max"],
    ["max", "many", "max is “many”: expected a finite number"],
    ["min", "NaN", "min is “NaN”: expected a finite number"],
    ["max", "Infinity", "max is “Infinity”: expected a finite number"],
    ["max", "1e400", "max is “1e400”: expected a finite number"],
  ])) {
    await type(panel, field, text);
    await until(`${field} ${text} is refused`, SOON_MS, async () => (await alert.textContent()) === words);
    const typed = panel.getByRole("textbox", { name: field, exact: true });
    assert.equal(await typed.getAttribute("aria-invalid"), "true");
    await until("the field shows what is still so", SOON_MS, async () =>
      ["1000", "4000"].includes(await typed.inputValue()),
    );
    assert.deepEqual(await settings(rig, "patches"), before, `${field} ${text}`);
  }
  await sees(viewer, "still 1000 to 4000", greys(VALUES, [1000, 4000]));
  // The next good one is taken, and nothing is said any more.
  await type(panel, "max", "3000");
  await sees(viewer, "1000 to 3000", greys(VALUES, [1000, 3000]));
  assert.equal(await alert.textContent(), "");
});

test("everybody sees the same, also after a restart of the runner", async (t) => {
  const { rig, viewer } = await patches(t);
  const other = await Viewer.open(browser, rig.url);
  const [panel, others] = [await open(viewer, "patches"), await open(other, "patches")];
  await type(panel, "max", "4000");
  await panel.getByRole("checkbox", { name: "invert" }).check();
  const expected = greys(VALUES, [0, 4000], { invert: true });
  for (const one of [viewer, other]) await sees(one, "0 to 4000, inverted", expected);
  await becomes(others, "fixed", [0, 4000]);
  await until("the other page says so", SOON_MS, () =>
    others.getByRole("checkbox", { name: "invert" }).isChecked(),
  );
  // And the other way round, of what was set.
  await others.getByRole("combobox", { name: "colormap" }).selectOption("green");
  const greens = expected.map(([grey]) => /** @type {const} */ ([0, grey, 0]));
  for (const one of [viewer, other]) await sees(one, "green", greens, COLOUR);
  await until("the first page says so", SOON_MS, async () => {
    const colormap = panel.getByRole("combobox", { name: "colormap" });
    return (await colormap.inputValue()) === "green";
  });

  const before = await settings(rig, "patches");
  const file = join(rig.temp, "state", "display.json");
  await until(
    "it is on disk",
    SOON_MS,
    () => existsSync(file) && readFileSync(file, "utf8").includes("green"),
  );
  await rig.runner.kill();
  await rig.startRunner();
  const restartedMs = Date.now();
  await until("frames come again", SOON_MS, async () => (await rig.stream("frame", "patches"))?.live);
  assert.deepEqual(await settings(rig, "patches"), before);
  for (const one of [viewer, other]) {
    await until("a new picture", SOON_MS, async () => (await one.shown("patches", restartedMs)).length > 0);
    await sees(one, "green after the restart", greens, COLOUR);
  }
  await becomes(await reopened(viewer, "patches"), "fixed", [0, 4000]);
});

test("floats, negative numbers and 10 bits in 16 are shown right", async (t) => {
  const rig = await Rig.start(t, FINE);
  const write = (/** @type {string} */ id) => join(rig.temp, `${id}.npy`);
  const movies = {
    float: [-0.02, 0.05, NaN, 0.2, 0.3, 0.4],
    signed: [-2000, -500, -1, 0, 1000, 2000],
    ten: [0, 64, 256, 512, 768, 1023],
  };
  rig.frames("float", writePatches(write("float"), Float32Array, movies.float), ...PLAYED);
  rig.frames("signed", writePatches(write("signed"), Int16Array, movies.signed), ...PLAYED);
  rig.frames("ten", writePatches(write("ten"), Uint16Array, movies.ten), ...PLAYED);
  const ten = ["--range", "0,1023"];
  rig.frames("told", writePatches(write("told"), Uint16Array, movies.ten), ...PLAYED, ...ten);
  const viewer = await Viewer.open(browser, rig.url);
  const see = (
    /** @type {string} */ id,
    /** @type {string} */ what,
    /** @type {readonly (Colour | null)[]} */ expected,
    within = GREY,
  ) => shows(viewer, id, { what, expected, within, withinMs: SOON_MS });

  // What has no range of its own is shown from its least to its greatest value.
  await see("float", "all of -0.02 to 0.4", greys(movies.float, [-0.02, 0.4]));
  let panel = await open(viewer, "float");
  await until("NaNs are counted", SOON_MS, async () =>
    /\d NaN/.test(await panel.locator(".display-counted").innerText()),
  );
  await type(panel, "min", "0");
  await type(panel, "max", "0.25");
  await see("float", "0 to 0.25", greys(movies.float, [0, 0.25]));
  await panel.getByRole("button", { name: "Auto continuous" }).click();
  await see("float", "Auto continuous", greys(movies.float, [-0.02, 0.4]));
  await panel.getByRole("button", { name: "close display" }).click();

  await see("signed", "all of -2000 to 2000", greys(movies.signed, [-2000, 2000]));
  panel = await open(viewer, "signed");
  await panel.getByRole("button", { name: "Full range" }).click();
  await see("signed", "all that int16 holds", greys(movies.signed, [-32_768, 32_767]));
  await panel.getByRole("button", { name: "Auto", exact: true }).click();
  await see("signed", "Auto", greys(movies.signed, [-2000, 2000]));
  await type(panel, "max", "-500");
  await see("signed", "negative limits", greys(movies.signed, [-2000, -500]));
  await panel.getByRole("button", { name: "close display" }).click();

  await see("ten", "all of 0 to 1023", greys(movies.ten, [0, 1023]));
  panel = await open(viewer, "ten");
  await panel.getByRole("button", { name: "Full range" }).click();
  // Near black, as the values are.
  await see("ten", "all that uint16 holds", greys(movies.ten, ALL));
  await panel.getByRole("button", { name: "Auto", exact: true }).click();
  await see("ten", "Auto", greys(movies.ten, [0, 1023]));
  await panel.getByRole("button", { name: "close display" }).click();

  // A camera that says how many bits it has is full where these end.
  await see("told", "10 bits", greys(movies.ten, [0, 1023]));
  panel = await open(viewer, "told");
  await panel.getByRole("checkbox", { name: "highlight saturation" }).check();
  const marked = /** @type {Colour[]} */ ([
    [0, 0, 255],
    ...greys(movies.ten, [0, 1023]).slice(1, -1),
    [255, 0, 0],
  ]);
  await see("told", "zero blue and 1023 red", marked, COLOUR);
  assert.deepEqual(viewer.errors, []);
});

const TWO_PHOTON = "two_photon_20x128x256_uint16.tif";
test(
  "12 bits of a microscope are near black in full range, and cells through Auto",
  { skip: missing(TWO_PHOTON) },
  async (t) => {
    const rig = await Rig.start(t);
    rig.frames("microscope", recording(TWO_PHOTON) ?? "", "--loop", "--fps", "15");
    const viewer = await Viewer.open(browser, rig.url);
    await viewer.becomes("frame", "microscope", "live", SOON_MS);
    const look = async () => {
      const picture = await viewer.pixels("microscope", { width: 64, height: 32 });
      if (picture === null) return null;
      const grey = picture.rgb.filter((_, i) => i % 3 === 0).sort((a, b) => a - b);
      const mean = grey.reduce((sum, level) => sum + level, 0) / grey.length;
      const variance = grey.reduce((sum, level) => sum + (level - mean) ** 2, 0) / grey.length;
      const at = (/** @type {number} */ share) => grey[Math.floor(share * (grey.length - 1))] ?? NaN;
      return { mean, contrast: Math.sqrt(variance), dark: at(0.01), bright: at(0.99) };
    };
    const panel = await open(viewer, "microscope");
    await panel.getByRole("button", { name: "Full range" }).click();
    // 4094 of 65,535: no level above 16.
    const full = await until("full range", SOON_MS, async () => {
      const seen = await look();
      return seen !== null && seen.bright < 18 && seen;
    });
    await viewer.page.screenshot({ path: `${rig.folder}/full-range.png` });
    await panel.getByRole("button", { name: "Auto", exact: true }).click();
    const auto = await until("Auto", SOON_MS, async () => {
      const seen = await look();
      return seen !== null && seen.bright > 80 && seen;
    });
    await viewer.page.screenshot({ path: `${rig.folder}/auto.png` });
    t.diagnostic(`full range ${JSON.stringify(full)}, Auto ${JSON.stringify(auto)}`);
    assert.ok(full.mean < 10 && full.contrast < 5, "full range is near black");
    assert.ok(auto.mean > 8 * full.mean, "Auto is brighter");
    assert.ok(auto.contrast > 8 * full.contrast && auto.dark < 60, "Auto has contrast, and dark is dark");
    const { window } = await settings(rig, "microscope");
    assert.ok(window.min >= 0 && window.min < 200 && window.max > 3000 && window.max <= 4094);
    assert.deepEqual(viewer.errors, []);
  },
);

/**
 * A runner, a camera of known values, and a page.
 *
 * @param {Parameters<typeof Rig.start>[0]} t
 * @param {string} [query]
 */
async function patches(t, query = "") {
  const rig = await Rig.start(t, FINE);
  rig.frames("patches", writePatches(join(rig.temp, "patches.npy"), Uint16Array, VALUES), ...PLAYED);
  const viewer = await Viewer.open(browser, rig.url + query);
  await viewer.becomes("frame", "patches", "live", SOON_MS);
  return { rig, viewer };
}

/**
 * @param {Viewer} viewer
 * @param {string} what
 * @param {readonly (Colour | null)[]} expected
 * @param {number} [within]
 */
function sees(viewer, what, expected, within = GREY) {
  return shows(viewer, "patches", { what, expected, within, withinMs: SOON_MS });
}

/** Opens the panel of a stream. @param {Viewer} viewer @param {string} id */
async function open(viewer, id) {
  await viewer.page.getByRole("button", { name: `display of ${id}`, exact: true }).click();
  return reopened(viewer, id);
}

/** The panel that is open. @param {Viewer} viewer @param {string} id */
async function reopened(viewer, id) {
  const panel = viewer.page.getByRole("dialog", { name: `display of ${id}`, exact: true });
  await panel.waitFor({ timeout: SOON_MS });
  return panel;
}

/** Types into a field, and means it. @param {import("playwright-core").Locator} panel @param {string} label @param {string} text */
async function type(panel, label, text) {
  const field = panel.getByRole("textbox", { name: label, exact: true });
  await field.fill(text);
  await field.press("Enter");
}

/** @param {import("playwright-core").Locator} panel @param {string} mode @param {Window} window */
async function becomes(panel, mode, window) {
  const said = async () => {
    const facts = ["data-mode", "data-min", "data-max"].map((name) => panel.getAttribute(name));
    return (await Promise.all(facts)).join(" ");
  };
  const expected = [mode, ...window].join(" ");
  await until(`the panel says ${expected}`, SOON_MS, async () => (await said()) === expected);
}

/** What the runner goes by. @param {Rig} rig @param {string} id @returns {Promise<any>} */
async function settings(rig, id) {
  const answer = await fetch(new URL(`/api/v1/streams/${id}/display`, rig.url));
  assert.equal(answer.status, 200);
  return answer.json();
}
