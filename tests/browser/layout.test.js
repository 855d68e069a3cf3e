import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Rig } from "./rig.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until everything plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 30_000;

const SCREENS = [
  {
    name: "phone",
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  },
  { name: "laptop", viewport: { width: 1280, height: 800 } },
  { name: "wall", viewport: { width: 2560, height: 1440 } },
];

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

test("from phone to wall screen, dark and light, everything is in sight and nothing overflows", async (t) => {
  const rig = await Rig.start(t);
  rig.frames("cells", "synthetic", "--shape", "240x320", "--fps", "15");
  rig.frames("barcode", "barcode", "--shape", "128x128", "--fps", "15");
  rig.metrics("experiment", "synthetic");
  rig.metrics("host", "host");
  const ids = /** @type {const} */ ([
    ["frame", "cells"],
    ["frame", "barcode"],
    ["metric", "experiment"],
    ["metric", "host"],
  ]);
  for (const { name, ...screen } of SCREENS) {
    for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
      const viewer = await Viewer.open(browser, rig.url, { ...screen, colorScheme });
      for (const [kind, id] of ids) {
        // A player out of sight need not play.
        await viewer.pane(kind, id).scrollIntoViewIfNeeded({ timeout: SOON_MS });
        await viewer.becomes(kind, id, "live", SOON_MS);
      }
      for (const id of ["experiment", "host"]) {
        await viewer.pane("metric", id).scrollIntoViewIfNeeded();
        await until(`a line in every plot of ${id}`, SOON_MS, () => linesInAll(viewer, id));
      }
      const page = await viewer.page.evaluate(() => {
        const outside = [...document.querySelectorAll("[data-kind], header.bar > *")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
          .map((element) => element.className);
        const root = document.documentElement;
        return {
          outside,
          overflow: root.scrollWidth - root.clientWidth,
          background: getComputedStyle(root).backgroundColor,
        };
      });
      await viewer.page.screenshot({ path: `${rig.folder}/${name}-${colorScheme}-end.png` });
      await viewer.pane("frame", "cells").scrollIntoViewIfNeeded();
      await viewer.page.screenshot({ path: `${rig.folder}/${name}-${colorScheme}.png` });
      assert.equal(page.overflow, 0, `${name} overflows by ${page.overflow} px`);
      assert.deepEqual(page.outside, [], `${name}: nothing sticks out`);
      const brightness = /** @type {string[]} */ (page.background.match(/\d+/g) ?? [])
        .slice(0, 3)
        .map(Number);
      assert.equal(
        Math.max(...brightness) < 128,
        colorScheme === "dark",
        `${name} ${colorScheme}: ${page.background}`,
      );
      assert.deepEqual(viewer.errors, []);
      await viewer.close();
    }
  }
});

/**
 * Whether every plot of a metric pane has a line, which is known by its colour: all else is grey.
 *
 * @param {Viewer} viewer
 * @param {string} id
 */
async function linesInAll(viewer, id) {
  const plots = viewer.pane("metric", id).locator(".chart canvas");
  const coloured = await plots.evaluateAll((canvases) =>
    canvases.map((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0 || canvas.height === 0) return false;
      const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      for (let i = 0; i < data.length; i += 4) {
        const [r = 0, g = 0, b = 0, alpha = 0] = [data[i], data[i + 1], data[i + 2], data[i + 3]];
        if (alpha > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 60) return true;
      }
      return false;
    }),
  );
  return coloured.length > 0 && coloured.every(Boolean);
}
