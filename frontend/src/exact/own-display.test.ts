import { expect, test, vi } from "vitest";
import { linked } from "../display/linked";
import { PLAIN, type Display } from "../display/settings";
import type { Dtype, Elements } from "./dtype";
import { OwnDisplay, problem } from "./own-display";
import type { Pixels } from "./pixels";

const begin: Display = PLAIN;

let seq = 0;
function frame(dtype: Dtype, data: Elements, captureMs = 0, channels: 1 | 3 = 1): Pixels {
  const size = { width: data.length / channels, height: 1 };
  const id = { session: "0000000000000001", seq: seq++, captureMs, mediaUs: null };
  return { frame: id, size, region: { x: 0, y: 0, ...size }, factor: 1, ...size, channels, dtype, data };
}

const words = (...values: number[]) => frame("uint16", Uint16Array.from(values));
const singles = (captureMs: number, ...values: number[]) =>
  frame("float32", Float32Array.from(values), captureMs);
const at = (display: OwnDisplay, pixels: Pixels) => {
  const { black, white } = display.look(pixels).window;
  return [black, white];
};

test("the window is that of the producer, else of eight bits all that they hold", () => {
  let range: [number, number] | null = [0, 4095];
  const display = new OwnDisplay(begin, () => range);
  expect(at(display, words(1, 2))).toEqual([0, 4095]);
  range = null;
  expect(at(display, frame("int8", Int8Array.of(1)))).toEqual([-128, 127]);
  expect(at(display, frame("bool", Uint8Array.of(1)))).toEqual([0, 1]);
});

test("of more bits it is what there is to see, not before there is any", () => {
  const display = new OwnDisplay(begin, () => null);
  const shutter = (captureMs: number, ...values: number[]) =>
    at(display, frame("uint16", Uint16Array.from(values), captureMs));
  for (const captureMs of [0, 500, 1000]) expect(shutter(captureMs, 7, 7)).toEqual([7, 14]);
  expect(shutter(3000, 100, 300)).toEqual([100, 300]);
  expect(shutter(4000, 100, 400)).toEqual([100, 400]);
  expect(shutter(4100, 5000, 9000)).toEqual([100, 400]);
});

test("floats without a range are known after a second, as the runner knows them", () => {
  const display = new OwnDisplay(begin, () => null);
  expect(at(display, singles(0, NaN, Infinity))).toEqual([0, 1]);
  expect(at(display, singles(500, NaN, 0, 1))).toEqual([0, 1]);
  expect(at(display, singles(1000, -2, 4))).toEqual([-2, 4]);
  expect(at(display, singles(1100, 500, 600))).toEqual([-2, 4]);
  // Another producer is learned anew.
  const other = singles(1200, 500, 600);
  other.frame.session = "0000000000000002";
  expect(at(display, other)).toEqual([500, 600]);
});

test("what is changed holds at once, and is remembered", async () => {
  const keep = vi.fn();
  const display = new OwnDisplay(begin, () => null, keep);
  display.look(words(1, 2));
  display.control.fix([100, 200]);
  display.control.change({ gamma: 2, colormap: "hot", invert: true });
  expect(display.look(words(1, 2))).toEqual({
    window: { black: 100, white: 200 },
    gamma: 2,
    colormap: "hot",
    invert: true,
    highlight: null,
  });
  await vi.waitFor(() =>
    expect(keep).toHaveBeenLastCalledWith(
      expect.objectContaining({ gamma: 2, window: expect.objectContaining({ min: 100 }) as unknown }),
    ),
  );
});

test("what cannot be is refused with a sentence, and draws nothing wrong meanwhile", async () => {
  const display = new OwnDisplay(begin, () => [0, 50]);
  display.look(words(1, 2));
  display.control.fix([5, 3]);
  expect(at(display, words(1, 2))).toEqual([0, 50]);
  await vi.waitFor(() =>
    expect(display.control.refusal.value?.text).toBe("window.min is 5, max is 3: expected min below max"),
  );
  expect(at(display, words(1, 2))).toEqual([0, 50]);
});

test("Auto once takes the values on screen, and says so where there are none", async () => {
  const display = new OwnDisplay(begin, () => null);
  display.control.auto("once");
  await vi.waitFor(() => expect(display.control.refusal.value?.text).toBe("there is no frame yet"));
  display.look(words(10, 20, 30));
  display.control.auto("once");
  await vi.waitFor(() => expect(display.control.display.value.window.mode).toBe("fixed"));
  expect(at(display, words(500))).toEqual([10, 30]);
});

test("Auto continuous begins at the frame, and does not jump to another scene", () => {
  const display = new OwnDisplay(begin, () => null);
  const dim = [0, 0, 100, 120, 140, 160, 180, 200];
  const show = (values: number[], captureMs: number) =>
    at(display, frame("uint16", Uint16Array.from(values), captureMs));
  display.look(words(...dim));
  display.control.auto("continuous");
  expect(show(dim, 0)).toEqual([0, 200]);
  const bright = dim.map((value) => 10 * value);
  let before = 200;
  for (let i = 1; i <= 400; i++) {
    const [black = NaN, white = NaN] = show(bright, 33 * i);
    expect(black).toBe(0);
    expect(white).toBeGreaterThanOrEqual(before);
    expect(white).toBeLessThanOrEqual(before * 1.0075 + 1e-9);
    before = white;
  }
  expect(before).toBeGreaterThan(1900);
  // The same frame drawn again moves nothing.
  const again = words(...dim);
  expect(at(display, again)).toEqual(at(display, again));
  display.control.change({ window: { ...display.control.display.value.window, ignore_zero: true } });
  expect(show(bright, 20_000)).toEqual([1000, 2000]);
});

test("with a group it is changed together, and who follows passes nothing on", async () => {
  const follower = new OwnDisplay(begin, () => null);
  const display = new OwnDisplay(
    begin,
    () => null,
    undefined,
    (own) =>
      linked(
        "raw",
        () => ["raw", "denoised"],
        (id) => (id === "raw" ? own : follower.runner),
      ),
  );
  for (const one of [display, follower]) one.look(words(10, 20, 30));
  display.control.change({
    gamma: 2,
    window: { ...begin.window, mode: "fixed", min: 1, max: 9, roi: "cell" },
  });
  await vi.waitFor(() => expect(follower.control.display.value.gamma).toBe(2));
  expect(follower.look(words(1)).window).toEqual({ black: 1, white: 9 });
  expect(follower.control.display.value.window).not.toHaveProperty("roi");
  // One window for both, or they could not be compared.
  follower.look(words(500, 900));
  display.control.auto("once");
  await vi.waitFor(() => expect(follower.look(words(500)).window).toEqual({ black: 10, white: 30 }));
  follower.control.change({ gamma: 3 });
  await vi.waitFor(() => expect(follower.control.display.value.gamma).toBe(3));
  expect(display.control.display.value.gamma).toBe(2);
  await expect(follower.runner.patch({ gamma: 0 })).rejects.toThrow("gamma is 0");
});

test("marks are at the ends of a detector, and RGB has neither marks nor colormap", () => {
  const display = new OwnDisplay({ ...begin, highlight: true, colormap: "hot" }, () => [0, 4095]);
  expect(display.look(words(1)).highlight).toEqual({ zero: 0, saturated: 4095 });
  const colour = frame("uint8", Uint8Array.of(1, 2, 3), 0, 3);
  expect(display.look(colour)).toMatchObject({ colormap: "gray", highlight: null });
  const taste = new OwnDisplay({ ...begin, highlight: true }, () => [0, 800]);
  expect(taste.look(words(1)).highlight).toEqual({ zero: 0, saturated: 65_535 });
});

test.each([
  [{ gamma: 0 }, "gamma is 0: expected 0.05 to 20"],
  [{ window: { ...begin.window, mode: "fixed" as const, max: 1 } }, "window.min is missing"],
  [{ window: { ...begin.window, min: NaN } }, "window.min is NaN: expected a finite number"],
  [{ window: { ...begin.window, min: -1.7e308, max: 1.7e308 } }, "expected min below max"],
  [{ window: { ...begin.window, percentiles: [99, 1] as const } }, "window.percentiles are 99 and 1"],
])("%j is named", (patch, reason) => {
  expect(problem({ ...begin, ...patch })).toContain(reason);
});
