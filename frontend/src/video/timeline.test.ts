import { describe, expect, test } from "vitest";
import { Timeline, type Entry } from "./timeline";

const T0 = 1_760_000_000_000;
const frame = (seq: number, ms = seq * 40, session = "00000000000000aa"): Entry => ({
  session,
  seq,
  captureMs: T0 + ms,
  mediaUs: ms * 1000,
});
const frames = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => frame(from + i));

function made(...stretches: Entry[][]) {
  const timeline = new Timeline();
  for (const stretch of stretches) timeline.merge(stretch);
  return timeline;
}

describe("a frame is found", () => {
  test("by its media time, within what containers round", () => {
    const timeline = made(frames(0, 100));
    expect(timeline.at(400_000)?.seq).toBe(10);
    expect(timeline.at(400_011)?.seq).toBe(10);
    expect(timeline.at(399_400)?.seq).toBe(10);
    expect(timeline.at(420_000)).toBeNull();
    expect(timeline.at(-5000)).toBeNull();
    expect(new Timeline().at(0)).toBeNull();
  });

  test("by the date of a playlist, in whole ms", () => {
    const timeline = made([frame(0, 0), frame(1, 33.367), frame(2, 66.733)]);
    expect(timeline.dated(T0 + 33)?.seq).toBe(1);
    expect(timeline.dated(T0 + 67)?.seq).toBe(2);
    expect(timeline.dated(T0 + 50)).toBeNull();
  });

  test("by the nearest capture time, also where capture times jitter", () => {
    const jitter = frames(0, 50).map((entry) => ({
      ...entry,
      captureMs: entry.captureMs + ((entry.seq * 7) % 5) * 30,
    }));
    const timeline = made(jitter);
    for (const { captureMs, seq } of jitter) {
      const found = timeline.nearest(captureMs + 0.1);
      expect(found?.captureMs).toBe(captureMs);
      expect(jitter[seq]?.captureMs).toBe(captureMs);
    }
    expect(timeline.nearest(0)?.seq).toBe(0);
  });

  test("by its number, whatever its capture time; else the one captured next to it", () => {
    const other = "00000000000000bb";
    // The clock was set back before 10; 12 never came to the encoder.
    const set = [...frames(0, 10), frame(10, 120), frame(11, 900), frame(13, 1000)].map((entry, i) => ({
      ...entry,
      mediaUs: i * 40_000,
    }));
    const timeline = made(set, [{ ...frame(3, 500, other), mediaUs: 1_000_000 }]);
    const find = (seq: number | null, ms: number, session = "00000000000000aa") =>
      timeline.find({ session, seq, captureMs: T0 + ms })?.seq;
    expect([find(10, 120), find(3, 120), find(3, 120, other)]).toEqual([10, 3, 3]);
    expect([find(12, 980), find(null, 910), find(0, 490, other)]).toEqual([13, 11, 3]);
  });
});

describe("steps", () => {
  test("go through the frames that there are, not through numbers", () => {
    // 3 and 4 were lost; the producer began anew after 6.
    const timeline = made([frame(1), frame(2), frame(5), frame(6), frame(0, 400, "00000000000000bb")]);
    expect(timeline.step(frame(2), 1)).toMatchObject({ entry: { seq: 5 }, left: 0 });
    expect(timeline.step(frame(1), 4)).toMatchObject({
      entry: { seq: 0, session: "00000000000000bb" },
      left: 0,
    });
    expect(timeline.step(frame(6), -3)).toMatchObject({ entry: { seq: 1 }, left: 0 });
    expect(timeline.step(frame(5), 0)).toMatchObject({ entry: { seq: 5 }, left: 0 });
  });

  test("stop where it is not known what comes next", () => {
    const timeline = made(frames(0, 10), frames(20, 30));
    expect(timeline.step(frame(8), 5)).toMatchObject({ entry: { seq: 9 }, left: 4 });
    expect(timeline.step(frame(22), -5)).toMatchObject({ entry: { seq: 20 }, left: -3 });
    timeline.merge(frames(9, 21));
    expect(timeline.step(frame(8), 5)).toMatchObject({ entry: { seq: 13 }, left: 0 });
    expect(timeline.step(frame(22), -5)).toMatchObject({ entry: { seq: 17 }, left: 0 });
  });
});

describe("what is heard live", () => {
  test("follows on what was heard before, or not", () => {
    const timeline = new Timeline();
    timeline.append(frame(0), false);
    timeline.append(frame(1), true);
    timeline.append(frame(5), false);
    timeline.append(frame(6), true);
    expect(timeline.step(frame(0), 2)).toMatchObject({ entry: { seq: 1 }, left: 1 });
    expect(timeline.step(frame(5), 1)).toMatchObject({ entry: { seq: 6 }, left: 0 });
    expect(timeline.newest?.seq).toBe(6);
  });

  test("twice is as good as once", () => {
    const timeline = made(frames(0, 5));
    timeline.append(frame(3), false);
    expect(timeline.step(frame(2), 2)).toMatchObject({ entry: { seq: 4 }, left: 0 });
  });
});

test("it knows what it does not know", () => {
  const timeline = made(frames(0, 50), frames(100, 200));
  expect(timeline.knows(T0 + 1000, 500)).toBe(true);
  expect(timeline.knows(T0 + 1900, 500)).toBe(false);
  expect(timeline.knows(T0 + 4100, 500)).toBe(false);
  expect(timeline.knows(T0 + 6000, 500)).toBe(true);
  expect(new Timeline().knows(T0, 1)).toBe(false);
});

test("the oldest are forgotten", () => {
  const timeline = new Timeline(100);
  for (const entry of frames(0, 1000)) timeline.append(entry, true);
  expect(timeline.at(frame(999).mediaUs)?.seq).toBe(999);
  expect(timeline.at(frame(900).mediaUs)?.seq).toBe(900);
  expect(timeline.at(frame(880).mediaUs)).toBeNull();
});

test("frames that the screen passed over are counted", () => {
  const timeline = made(frames(0, 50));
  expect(timeline.between(400_000, 440_000)).toBe(0);
  expect(timeline.between(400_000, 600_000)).toBe(4);
  expect(timeline.between(600_000, 400_000)).toBe(0);
  expect(timeline.between(400_000, 400_000)).toBe(0);
});

describe("the timeline reaches", () => {
  const to = (seq: number | null, ms: number, session = "00000000000000aa") => ({
    session,
    seq,
    captureMs: T0 + ms,
  });

  test("a frame by its number, also one that never came to the encoder", () => {
    const timeline = made([frame(8), frame(10)]);
    // Capture times may jitter.
    expect([7, 8, 9, 10, 11].map((seq) => timeline.reaches(to(seq, 500)))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(new Timeline().reaches(to(0, 0))).toBe(false);
  });

  test("a time, and a frame of another session, by when it was captured", () => {
    const timeline = made([frame(10)]);
    expect([399, 400, 401].map((ms) => timeline.reaches(to(null, ms)))).toEqual([true, true, false]);
    expect([399, 401].map((ms) => timeline.reaches(to(99, ms, "00000000000000bb")))).toEqual([true, false]);
  });
});
