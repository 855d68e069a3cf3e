import { describe, expect, test } from "vitest";
import { Control, JUMP_MS, TARGET_MS } from "./control";

interface Film {
  seconds: number;
  fps?: number;
  /** Clock behind the first frame when it arrives, ms. */
  startMs?: number;
  /** How much later than usual frame `i` arrives, ms. */
  lateMs?: (i: number) => number;
  /** Clock of the page runs so much faster than the camera's. */
  drift?: number;
}

/** Plays a film: a video element's clock, driven by the arrival of frames. */
function play({ seconds, fps = 30, startMs = 300, lateMs = () => 0, drift = 0 }: Film) {
  const control = new Control();
  const periodMs = 1000 / fps;
  let nowMs = 0;
  let clockMs = -startMs;
  let rate = 1;
  let newestMs = 0;
  const behind: { atMs: number; ms: number }[] = [];
  const rates: number[] = [];
  let jumps = 0;
  const arrivals = Array.from({ length: seconds * fps }, (_, i) => ({
    pts: i * periodMs,
    atMs: i * periodMs * (1 + drift) + lateMs(i),
  }));
  for (let i = 1, before = arrivals[0]?.atMs ?? 0; i < arrivals.length; i++) {
    // A connection keeps the order.
    const arrival = arrivals[i];
    if (arrival === undefined) break;
    const atMs = Math.max(before, arrival.atMs);
    before = atMs;
    clockMs += (atMs - nowMs) * rate;
    nowMs = atMs;
    newestMs = arrival.pts;
    behind.push({ atMs, ms: newestMs - clockMs });
    const step = control.arrived(nowMs, newestMs - clockMs);
    if (step.action === "jump") {
      jumps++;
      control.jumped(nowMs);
      clockMs = newestMs;
      rate = 1;
    } else rate = step.rate;
    rates.push(rate);
  }
  const last = behind.filter(({ atMs }) => atMs > nowMs - 3000).map(({ ms }) => ms);
  return {
    rates,
    behind,
    jumps,
    target: control.target,
    last,
    worst: Math.max(...behind.slice(-fps * 3).map((b) => b.ms)),
  };
}

describe("the clock of a live picture", () => {
  test.each([-200, 0, 20, 100, 200, 400])(
    "that starts %i ms behind comes to the target and stays",
    (startMs) => {
      const { last, rates } = play({ seconds: 15, startMs });
      for (const ms of last) expect(Math.abs(ms - TARGET_MS)).toBeLessThan(20);
      expect(new Set(rates.slice(-60))).toEqual(new Set([1]));
    },
  );

  test.each([5, 24, 60, 120])("does so at %i fps", (fps) => {
    const { last } = play({ seconds: 20, startMs: 250, fps });
    for (const ms of last) expect(Math.abs(ms - TARGET_MS)).toBeLessThan(25);
  });

  test("changes its speed by no more than a tenth for what is not far off", () => {
    for (const startMs of [-100, 200]) {
      const { rates } = play({ seconds: 10, startMs });
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.9);
      expect(Math.max(...rates)).toBeLessThanOrEqual(1.1);
    }
  });

  test("is back within two seconds from anywhere", () => {
    for (const startMs of [-1500, -600, 700, 1400, 30_000]) {
      const { behind } = play({ seconds: 10, startMs });
      for (const { ms } of behind.filter(({ atMs }) => atMs > 3500))
        expect(Math.abs(ms - TARGET_MS)).toBeLessThan(30);
    }
  });

  test("is not stirred by frames that come a few ms early or late", () => {
    const { rates } = play({ seconds: 20, startMs: TARGET_MS, lateMs: (i) => (i * 7919) % 11 });
    expect(rates.slice(90).filter((rate) => rate !== 1).length).toBeLessThan(rates.length / 10);
  });

  test.each([10, 4])("leaves more time to a source of which one frame in %i is late", (every) => {
    const { target, last, worst } = play({ seconds: 60, lateMs: (i) => (i % every === 0 ? 70 : 0) });
    expect(last.filter((ms) => ms < 0).length).toBeLessThan(last.length / 20);
    expect(target).toBeLessThanOrEqual(110);
    expect(worst).toBeLessThan(170);
  });

  test("follows a camera whose clock is not the page's", () => {
    for (const drift of [0.0005, -0.0005]) {
      const { last, jumps } = play({ seconds: 600, drift });
      for (const ms of last) expect(Math.abs(ms - TARGET_MS)).toBeLessThan(30);
      expect(jumps).toBe(0);
    }
  });

  test("far behind it jumps at once, and once", () => {
    const { jumps, last } = play({ seconds: 10, startMs: 4000 });
    expect(jumps).toBe(1);
    for (const ms of last) expect(Math.abs(ms - TARGET_MS)).toBeLessThan(20);
  });

  test("after a stall of two seconds it is where it was", () => {
    // Nothing for 2 s, then everything at once: the clock ran on meanwhile.
    const { last, jumps } = play({
      seconds: 20,
      lateMs: (i) => (i >= 150 && i < 210 ? (210 - i) * 33.3 : 0),
    });
    for (const ms of last) expect(Math.abs(ms - TARGET_MS)).toBeLessThan(30);
    expect(jumps).toBe(0);
  });

  test("a decoder that cannot follow is not asked to jump all the time", () => {
    const control = new Control();
    let jumps = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 33) {
      if (control.arrived(nowMs, JUMP_MS + 1).action !== "jump") continue;
      jumps++;
      control.jumped(nowMs);
    }
    expect(jumps).toBeLessThan(15);
  });

  test("over a gap it begins anew: what was before does not hide how far behind it is", () => {
    const speeds = [true, false].map((forgets) => {
      const control = new Control();
      let nowMs = 0;
      for (; nowMs < 2000; nowMs += 33) control.arrived(nowMs, TARGET_MS);
      if (forgets) control.begin();
      const step = control.arrived(nowMs, TARGET_MS + 500);
      return step.action === "play" ? step.rate : NaN;
    });
    expect(speeds).toEqual([2, 1]);
  });
});
