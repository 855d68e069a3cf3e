import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { quantile } from "./frames.js";
import { missing, recording, Rig } from "./rig.js";
import { ffmpeg } from "./segments.js";
import { until } from "./until.js";
import { launch, Viewer } from "./viewer.js";

/** Until it plays; a debug build on a busy machine takes its time, ms. */
const SOON_MS = 30_000;

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => void (browser = await launch()));
after(() => browser.close());

const FILMS = [
  // Neither names its matrix: a large picture is BT.709 by custom, a small one BT.601.
  { id: "bunny", file: "bunny_1280x720_132f.mp4", fps: 25, size: { width: 32, height: 18 }, matrix: "bt709" },
  {
    id: "carphone",
    file: "carphone_176x144_120f.mp4",
    fps: 29.97,
    size: { width: 22, height: 18 },
    matrix: "bt601",
  },
];

for (const { id, file, fps, size, matrix } of FILMS) {
  test(`${id} has its colours and its speed`, { skip: missing(file) }, async (t) => {
    const path = recording(file) ?? "";
    const reference = await pictures(path, "rgb24", size, `:in_color_matrix=${matrix}`);
    const rig = await Rig.start(t);
    rig.frames(id, path, "--loop");
    const viewer = await Viewer.open(browser, rig.url);
    await viewer.becomes("frame", id, "live", SOON_MS);

    // Samples of what is on screen: which frame of the film it is, and when in the player's time.
    /** @type {{ index: number, distance: number, atS: number, tint: number[] }[]} */
    const samples = [];
    // A machine that is too busy for a while plays the film slower and then catches up; a wrong speed stays wrong.
    const { speed, rate, format } = await until(
      `four seconds of film at ${fps} fps`,
      2 * SOON_MS,
      async () => {
        const picture = await viewer.pixels(id, size);
        if (picture === null) return false;
        const { rgb, atS } = picture;
        const distances = reference.map((frame) => meanDistance(frame, rgb));
        const index = distances.indexOf(Math.min(...distances));
        const expected = channelMeans(reference[index] ?? []);
        const tint = channelMeans(rgb).map((mean, c) => mean - (expected[c] ?? NaN));
        samples.push({ index, distance: distances[index] ?? NaN, atS, tint });
        if (played(samples) < 4) return false;
        const latest = samples.filter((sample) => sample.atS > atS - 4);
        // Frames since the first sample, round the end of the loop; a step back by one is two frames that look alike.
        let steps = 0;
        const progress = latest.map((sample, i) => {
          const step = i === 0 ? 0 : sample.index - (latest[i - 1]?.index ?? 0);
          steps += step < -reference.length / 2 ? step + reference.length : step;
          return { steps, atS: sample.atS };
        });
        const speed = slope(progress);
        const { rate, format } = /** @type {any} */ (await rig.stream("frame", id));
        return speed > 0.9 * Math.min(fps, rate) && speed < 1.1 * fps && { speed, rate, format };
      },
    );
    const distance = median(samples.map((sample) => sample.distance));
    const tint = [0, 1, 2].map((c) => median(samples.map((sample) => sample.tint[c] ?? NaN)));
    t.diagnostic(
      `${samples.length} samples, ${distance.toFixed(1)} grey levels from a frame of the film, red, green, blue off by ` +
        `${tint.map((v) => v.toFixed(1)).join(", ")}; ${speed.toFixed(1)} fps shown, ${rate.toFixed(1)} received`,
    );
    assert.ok(distance < 4, `a picture is ${distance} grey levels from every frame of the film`);
    assert.ok(Math.max(...tint.map(Math.abs)) < 3, `the colour channels are off by ${tint.join(", ")}`);
    assert.ok(Math.abs(format.fps - fps) < 0.01, `published at ${format.fps} fps instead of ${fps}`);
    await viewer.page.screenshot({ path: `${rig.folder}/${id}.png` });
    assert.deepEqual(viewer.errors, []);
  });
}

const TWO_PHOTON = "two_photon_20x128x256_uint16.tif";
test("the two-photon stack shows its cells", { skip: missing(TWO_PHOTON) }, async (t) => {
  const path = recording(TWO_PHOTON) ?? "";
  const size = { width: 64, height: 32 };
  const [page] = await pictures(path, "gray16le", size);
  const rig = await Rig.start(t);
  rig.frames("two-photon", path, "--loop");
  const viewer = await Viewer.open(browser, rig.url);
  await viewer.becomes("frame", "two-photon", "live", SOON_MS);
  // Every page has noise of its own: only the first one looks like the first one.
  const alike = await until("the first page on screen", SOON_MS, async () => {
    const picture = await viewer.pixels("two-photon", size);
    const grey = picture?.rgb.filter((_, i) => i % 3 === 0) ?? [];
    const r = correlation(grey, page ?? []);
    return r > 0.9 && { r, levels: Math.max(...grey) - Math.min(...grey) };
  });
  await viewer.page.screenshot({ path: `${rig.folder}/two-photon.png` });
  t.diagnostic(
    `correlation with the first page ${alike.r.toFixed(3)}, ${alike.levels.toFixed(0)} grey levels in use`,
  );
  assert.ok(alike.levels > 50, `only ${alike.levels} grey levels are in use`);
  assert.deepEqual(viewer.errors, []);
});

const HIPPOCAMPUS = "hippocampus_16ch_40kHz_int16.npy";
test(
  "16 channels at 40 kHz are drawn, and the page stays responsive",
  { skip: missing(HIPPOCAMPUS) },
  async (t) => {
    const rig = await Rig.start(t);
    const path = recording(HIPPOCAMPUS) ?? "";
    rig.metrics("probe", path, "--rate", "40000", "--scale", "0.05", "--unit", "uV", "--loop");
    const viewer = await Viewer.open(browser, rig.url);
    await viewer.becomes("metric", "probe", "live", SOON_MS);
    // Thinned to the two extremes of every 10 ms of every channel.
    const points = async () => Number(await viewer.fact("metric", "probe", "data-points"));
    await until(
      "more points than one channel alone can have",
      SOON_MS,
      async () => (await points()) > 200 * 16 * 3,
    );
    assert.equal(await viewer.fact("metric", "probe", "data-renderer"), "uplot");

    const { drawn, longestMs, seconds } = await viewer.page.evaluate(
      () =>
        new Promise(
          (/** @type {(seen: { drawn: number, longestMs: number, seconds: number }) => void} */ resolve) => {
            const startMs = performance.now();
            let [drawn, longestMs, lastMs] = [0, 0, startMs];
            const onFrame = (/** @type {number} */ nowMs) => {
              drawn++;
              longestMs = Math.max(longestMs, nowMs - lastMs);
              lastMs = nowMs;
              if (nowMs - startMs < 3000) requestAnimationFrame(onFrame);
              else resolve({ drawn, longestMs, seconds: (nowMs - startMs) / 1000 });
            };
            requestAnimationFrame(onFrame);
          },
        ),
    );
    t.diagnostic(
      `${(drawn / seconds).toFixed(0)} animation frames a second, at most ${longestMs.toFixed(0)} ms between two`,
    );
    await viewer.page.screenshot({ path: `${rig.folder}/hippocampus.png` });
    assert.ok(drawn / seconds > 15, `only ${drawn / seconds} animation frames a second`);
    assert.ok(longestMs < 500, `nothing moved for ${longestMs} ms`);
    const { rate, received, drops } = /** @type {any} */ (await rig.stream("metric", "probe"));
    t.diagnostic(`${rate} samples/s of one series, ${received} blocks, lost ${drops.wire}`);
    assert.ok(Math.abs(rate / 40_000 - 1) < 0.05, `${rate} samples/s arrive instead of 40000`);
    assert.deepEqual(viewer.errors, []);
  },
);

/**
 * Every frame of a file as ffmpeg has it.
 *
 * @param {string} path
 * @param {"rgb24" | "gray16le"} format
 * @param {{ width: number, height: number }} size
 * @param {string} [scaling] Further options of its scaler.
 */
async function pictures(path, format, { width, height }, scaling = "") {
  const raw = await ffmpeg([
    "-i",
    path,
    "-an",
    "-vf",
    `scale=${width}:${height}:flags=area${scaling}`,
    "-pix_fmt",
    format,
  ]);
  const values = format === "rgb24" ? raw : new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2);
  const size = width * height * (format === "rgb24" ? 3 : 1);
  return Array.from({ length: values.length / size }, (_, i) => [
    ...values.subarray(i * size, (i + 1) * size),
  ]);
}

/** Seconds between the first and the last sample. @param {{ atS: number }[]} samples */
function played(samples) {
  return (samples.at(-1)?.atS ?? 0) - (samples[0]?.atS ?? 0);
}

/** Least squares: steps per second. @param {{ steps: number, atS: number }[]} points */
function slope(points) {
  const mean = (/** @type {number[]} */ v) => v.reduce((sum, x) => sum + x, 0) / v.length;
  const [t, n] = [mean(points.map(({ atS }) => atS)), mean(points.map(({ steps }) => steps))];
  const covariance = mean(points.map(({ atS, steps }) => (atS - t) * (steps - n)));
  return covariance / mean(points.map(({ atS }) => (atS - t) ** 2));
}

/** @param {number[]} values */
function median(values) {
  return quantile(values, 0.5);
}

/** @param {number[]} a @param {number[]} b */
function meanDistance(a, b) {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? NaN)), 0) / a.length;
}

/** @param {number[]} pixels RGB. */
function channelMeans(pixels) {
  return [0, 1, 2].map(
    (c) => pixels.reduce((sum, value, i) => sum + (i % 3 === c ? value : 0), 0) / (pixels.length / 3),
  );
}

/** Pearson's r. @param {number[]} a @param {number[]} b */
function correlation(a, b) {
  const mean = (/** @type {number[]} */ v) => v.reduce((sum, x) => sum + x, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (/** @type {(x: number, y: number) => number} */ f) =>
    mean(a.map((x, i) => f(x - ma, (b[i] ?? NaN) - mb)));
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}
