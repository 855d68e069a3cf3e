import { expect, test } from "vitest";
import { belongs, PATIENCE_MS, WaitingFrames } from "./frames";

test("a frame waits for the samples of its moment", () => {
  const frames = new WaitingFrames();
  frames.push(1000, 0);
  expect(frames.settle(967, 5)).toBeNull();
  expect(frames.settle(1000, 20)).toBe(1000);
  expect(frames.empty).toBe(true);
});

test("of frames whose samples came together the newest counts", () => {
  const frames = new WaitingFrames();
  frames.push(1000, 0);
  frames.push(1033, 33);
  frames.push(1067, 66);
  expect(frames.settle(1040, 70)).toBe(1033);
  expect(frames.empty).toBe(false);
  expect(frames.settle(1067, 80)).toBe(1067);
});

test("without series that belong to frames nothing waits", () => {
  const frames = new WaitingFrames();
  frames.push(1000, 0);
  expect(frames.settle(null, 0)).toBe(1000);
});

test("a series that pauses holds a frame back for a moment only", () => {
  const frames = new WaitingFrames();
  frames.push(1000, 0);
  frames.push(1033, 33);
  expect(frames.settle(500, PATIENCE_MS - 1)).toBeNull();
  expect(frames.settle(500, PATIENCE_MS)).toBe(1000);
  expect(frames.settle(500, PATIENCE_MS + 33)).toBe(1033);
});

test("frames that nobody asks for are bounded", () => {
  const frames = new WaitingFrames();
  for (let n = 0; n < 10_000; n++) frames.push(n, n);
  expect((frames as unknown as { waiting: unknown[] }).waiting.length).toBeLessThan(100);
});

test("a series of the rate of the picture belongs to its frames", () => {
  expect(belongs(30.1, 29.97)).toBe(true);
  expect(belongs(29, 30)).toBe(true);
  expect(belongs(1, 30)).toBe(false);
  expect(belongs(40_000, 30)).toBe(false);
  expect(belongs(null, 30)).toBe(false);
});
