import { expect, test } from "vitest";
import { EdgePace } from "./edge";

/** Looks five times a second; whoever jumps is at the edge. Returns when it jumped, ms. */
function play(seconds: number, behindS: (nowMs: number, sinceJumpMs: number) => number) {
  const pace = new EdgePace();
  const jumps: number[] = [];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 200) {
    const step = pace.step(behindS(nowMs, nowMs - (jumps.at(-1) ?? -Infinity)), nowMs);
    if (step.action === "jump") jumps.push(nowMs);
    else expect(step.rate).toBe(1);
  }
  return jumps;
}

test("where it belongs it plays on, whatever the edge does meanwhile", () => {
  expect(play(60, (nowMs) => (nowMs % 400 === 0 ? 0.5 : 0.1))).toEqual([]);
});

test("after a stall it jumps, once", () => {
  expect(play(60, (nowMs, sinceMs) => (nowMs > 5000 && sinceMs === Infinity ? 0.9 : 0.1))).toHaveLength(1);
});

test("who cannot follow jumps less and less often", () => {
  const jumps = play(120, (_, sinceMs) => (sinceMs > 1000 ? 0.9 : 0.1));
  expect(jumps.length).toBeLessThan(8);
  expect((jumps[3] ?? 0) - (jumps[2] ?? 0)).toBeGreaterThan((jumps[1] ?? 0) - (jumps[0] ?? 0));
});
