import { expect, test } from "vitest";
import { EdgePace } from "./edge";

/** Plays for a time from so far behind, looked at five times a second; the edge moves on by parts of 0.1 s. */
function play(seconds: number, startS: number, pace = new EdgePace(), stallEveryS = Infinity) {
  let behindS = startS;
  let rate = 1;
  let jumps = 0;
  const rates: number[] = [];
  for (let i = 0; i < seconds * 5; i++) {
    const nowMs = i * 200;
    if (i > 0 && i % (stallEveryS * 5) === 0) {
      // A player that is nearer than this runs dry when a part comes late.
      if (behindS < 0.35) {
        pace.starved(nowMs);
        behindS += 0.2;
      }
    }
    behindS -= (rate - 1) * 0.2;
    const step = pace.step(behindS + (i % 2) * 0.1, nowMs);
    if (step.action === "jump") {
      jumps++;
      behindS = 0;
      rate = 1;
    } else rate = step.rate;
    rates.push(rate);
  }
  return { behindS, jumps, rates };
}

test("where it belongs it plays on at its own speed", () => {
  expect(new Set(play(60, 0.05).rates)).toEqual(new Set([1]));
});

test("after a stall it comes back without a jump", () => {
  const { behindS, jumps, rates } = play(20, 0.5);
  expect(behindS).toBeLessThan(0.06);
  expect(jumps).toBe(0);
  expect(Math.max(...rates)).toBeLessThanOrEqual(1.05);
  expect(rates.at(-1)).toBe(1);
});

test("far behind it jumps, once", () => {
  const { behindS, jumps } = play(20, 4);
  expect(jumps).toBe(1);
  expect(behindS).toBeLessThan(0.1);
});

test("a player that stalls all the time is left where it can play", () => {
  const pace = new EdgePace();
  play(60, 0.05, pace, 4);
  const { behindS, rates } = play(60, 0.4, pace);
  expect(behindS).toBeGreaterThan(0.2);
  expect(rates.filter((rate) => rate !== 1).length).toBeLessThan(rates.length / 4);
});

test("who cannot follow jumps seldom", () => {
  const pace = new EdgePace();
  let jumps = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs += 200) if (pace.step(2, nowMs).action === "jump") jumps++;
  expect(jumps).toBeLessThanOrEqual(12);
});
