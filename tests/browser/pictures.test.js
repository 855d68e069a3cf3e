import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until it plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 20_000;
/** A change of shape may take as long as a restart, ms. */
const CHANGE_MS = 5000;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

for (const path of ["webcodecs", "mse"]) {
  test(`${path}: a stream whose shape changes plays on, also with odd sides`, async (t) => {
    const rig = await Rig.start(t);
    let node = rig.frames("bars", "barcode", "--shape", "128x192", "--dtype", "uint8", "--fps", "15");
    const viewer = await Viewer.open(browser, `${rig.url}?path=${path}`);
    await until("frames on screen", SOON_MS, async () => (await viewer.shown("bars")).length > 10);

    for (const [height, width] of /** @type {const} */ ([
      [161, 131],
      [256, 480],
      [97, 641],
    ])) {
      await node.kill();
      const changedMs = Date.now();
      node = rig.frames(
        "bars",
        "barcode",
        "--shape",
        `${height}x${width}`,
        "--dtype",
        "uint8",
        "--fps",
        "15",
      );
      await until(`a frame of ${height}x${width} on screen`, CHANGE_MS, async () =>
        (await viewer.shown("bars", changedMs)).some(({ tMs }) => tMs !== null && tMs >= changedMs),
      );
      const even = [height + (height % 2), width + (width % 2)];
      const measured = () =>
        viewer.page.evaluate(() => {
          const { probe } = /** @type {{ probe: import("./probe.js").Probe }} */ (
            /** @type {unknown} */ (window)
          );
          const picture = probe.picture("bars");
          const host = document.querySelector(".picture");
          const [seen, whole] = [host?.getBoundingClientRect(), picture?.getBoundingClientRect()];
          const { height = 0, width = 0 } =
            picture instanceof HTMLVideoElement
              ? { height: picture.videoHeight, width: picture.videoWidth }
              : (picture ?? {});
          return {
            picture: [height, width],
            aspect: (seen?.width ?? 0) / (seen?.height ?? 1),
            // The line that pads an odd side is outside of what is seen.
            pad: [(whole?.height ?? 0) / (seen?.height ?? 1), (whole?.width ?? 0) / (seen?.width ?? 1)],
          };
        });
      // What the stream is like comes another way than its pictures.
      const size = await until("it is shown in its own proportions", CHANGE_MS, async () => {
        const size = await measured();
        return Math.abs(size.aspect - width / height) < 0.02 * (width / height) && size;
      });
      assert.deepEqual(size.picture, even);
      close(size.pad[0], (even[0] ?? 0) / height, 0.001, "the lower line of padding is out of sight");
      close(size.pad[1], (even[1] ?? 0) / width, 0.001, "the right line of padding is out of sight");
    }
    await viewer.becomes("frame", "bars", "live", SOON_MS);
    assert.equal(viewer.navigations, 1);
    assert.deepEqual(viewer.errors, []);
  });
}

test("every kind of pixel reaches the screen", async (t) => {
  const rig = await Rig.start(t);
  const kinds = /** @type {const} */ ([
    ["grey8", "96x128", "uint8"],
    ["grey16", "96x128", "uint16"],
    ["float", "96x128", "float32"],
    ["colour", "96x128x3", "uint8"],
  ]);
  for (const [id, shape, dtype] of kinds) {
    rig.frames(id, "barcode", "--shape", shape, "--dtype", dtype, "--fps", "10");
  }
  const viewer = await Viewer.open(browser, rig.url);
  for (const [id, , dtype] of kinds) {
    await until(`${id} can be read`, SOON_MS, async () => (await viewer.shown(id)).length > 10);
    const shown = await viewer.shown(id);
    assert.ok(
      shown.every(({ seq }) => seq !== null),
      `every frame of ${id} carries a valid code`,
    );
    await viewer.becomes("frame", id, "live", SOON_MS);
    assert.match(await viewer.pane("frame", id).innerText(), new RegExp(dtype));
    // Full contrast: black is black and white is white, whatever the dtype.
    const { rgb } = await until(`a picture of ${id}`, SOON_MS, () =>
      viewer.pixels(id, { width: 36, height: 32 }),
    );
    assert.ok(Math.min(...rgb) < 3 && Math.max(...rgb) > 252, `${id} spans black to white`);
  }
  assert.deepEqual(viewer.errors, []);
});

/** @param {number | undefined} value @param {number} expected @param {number} tolerance @param {string} what */
function close(value, expected, tolerance, what) {
  assert.ok(Math.abs((value ?? NaN) - expected) <= tolerance, `${what}: expected ${expected}, got ${value}`);
}
