import { expect, test } from "vitest";
import { captureTime, latency } from "./position";

const segments = [
  { startTime: 0, endTime: 1, programDateTimeMs: 100_000 },
  { startTime: 1, endTime: 2, programDateTimeMs: 105_000 },
];

test("a frame was captured as long after its segment's first frame as it is shown after it", () => {
  expect(captureTime(segments, 0)).toBe(100_000);
  expect(captureTime(segments, 0.25)).toBe(100_250);
  expect(captureTime(segments, 1.5)).toBe(105_500);
});

test("the first frame of a segment belongs to it despite rounding", () => {
  expect(captureTime(segments, 0.9999)).toBeCloseTo(104_999.9, 3);
});

test("nothing is guessed outside of what was loaded", () => {
  expect(captureTime([], 1)).toBeNull();
  expect(captureTime(segments, -1)).toBeNull();
  expect(captureTime(segments, 2.6)).toBeNull();
  expect(captureTime(segments, 2.01)).toBe(106_010);
});

test("latency is never negative and unknown stays unknown", () => {
  expect(latency(1000, 4200)).toBe(3200);
  expect(latency(1000, 999)).toBe(0);
  expect(latency(null, 999)).toBeNull();
});
