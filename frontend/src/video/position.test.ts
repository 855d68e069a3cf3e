import { expect, test } from "vitest";
import { captureTime, latency, locate, segmentOf } from "./position";
import { Timeline } from "./timeline";

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

test("the first frame of a segment is in none before it, however dates are rounded", () => {
  // A player takes the first one for a little longer than it is.
  const listed = [0, 1, 2].map((index) => ({
    startTime: index,
    endTime: index + 1.004,
    programDateTimeMs: 100_000 + index * 1000,
  }));
  const timeline = new Timeline();
  const frame = (seq: number, offMs: number) => ({
    ...{ session: "00000000000000aa", seq, captureMs: 100_000 + seq * 100 + offMs, mediaUs: seq * 100_000 },
  });
  for (const offMs of [-0.5, 0, 0.4]) {
    timeline.merge(Array.from({ length: 40 }, (_, seq) => frame(seq, offMs)));
    for (const seq of [0, 9, 10, 11, 19, 20, 29]) {
      const { captureMs } = frame(seq, offMs);
      const home = listed[Math.floor(seq / 10)] ?? null;
      expect(segmentOf(listed, captureMs, frame(seq, offMs), timeline)).toBe(home);
      expect(segmentOf(listed, captureMs, null, timeline)).toBe(home);
      expect(locate(listed, home, frame(seq, offMs), timeline)).toBeCloseTo(seq / 10, 6);
      expect(locate(listed.slice(0, 1), home, frame(seq, offMs), timeline) === null).toBe(seq >= 10);
    }
    // What is listed last may end before this one, or not: it is not there yet in any case.
    const exact = listed.map((segment) => ({ ...segment, endTime: segment.startTime + 1 }));
    expect(segmentOf(exact, frame(30, offMs).captureMs, frame(30, offMs), timeline)).toBeNull();
  }
});
