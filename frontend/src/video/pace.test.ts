import { expect, test } from "vitest";
import { Pace, TARGET_MS } from "./pace";

/** Plays for `seconds` from a latency, and says where it ends and how fast it went. */
function play(startMs: number, seconds: number, pace = new Pace()) {
  let latencyMs = startMs;
  const rates: number[] = [];
  for (let s = 0; s < seconds; s += 0.25) {
    const step = pace.step({ latencyMs, aheadS: 1 });
    if (step.action === "jump") return { latencyMs, rates, jumped: true };
    rates.push(step.rate);
    latencyMs -= (step.rate - 1) * 250;
  }
  return { latencyMs, rates, jumped: false };
}

test.each([2000, 2600, 3300, 3900, 4800])("from %i ms it comes to the target and stays", (startMs) => {
  const { latencyMs, rates } = play(startMs, 90);
  expect(Math.abs(latencyMs - TARGET_MS)).toBeLessThan(210);
  expect(rates.at(-1)).toBe(1);
});

test("speed stays within what nobody notices", () => {
  for (const startMs of [500, 9999]) {
    const { rates } = play(startMs, 60);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1.08);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.95);
  }
});

test("near the target it does not hunt", () => {
  const { rates } = play(TARGET_MS + 150, 10);
  expect(new Set(rates)).toEqual(new Set([1]));
});

test("far behind it jumps", () => {
  expect(play(10_001, 1).jumped).toBe(true);
});

test("it does not run into the end of what is loaded", () => {
  expect(new Pace().step({ latencyMs: 5000, aheadS: 0.2 })).toEqual({ action: "play", rate: 1 });
});

test("what is not known is not corrected", () => {
  expect(new Pace().step({ latencyMs: null, aheadS: 5 })).toEqual({ action: "play", rate: 1 });
});

test("every starvation widens the distance, to a limit", () => {
  const pace = new Pace();
  pace.starved();
  expect(pace.target).toBe(TARGET_MS + 250);
  for (let i = 0; i < 100; i++) pace.starved();
  expect(pace.target).toBe(3750);
});
