import { expect, test } from "vitest";
import { Budget, smoothed } from "./budget";

test.each([1, 5, 40, 500])("drawing that costs %i ms takes a quarter of the time", (costMs) => {
  const budget = new Budget(0.25);
  let nowMs = 0;
  let drawnMs = 0;
  while (nowMs < 60_000) {
    if (budget.allows(nowMs)) {
      nowMs += costMs;
      drawnMs += costMs;
      budget.spent(nowMs, costMs);
    } else {
      nowMs += 0.5;
    }
  }
  expect(drawnMs / nowMs).toBeLessThanOrEqual(0.26);
  expect(drawnMs / nowMs).toBeGreaterThan(0.2);
});

test("nothing spent, nothing waited for", () => {
  expect(new Budget(0.25).allows(0)).toBe(true);
});

test("a mean follows its samples", () => {
  let mean: number | null = null;
  for (let i = 0; i < 50; i++) mean = smoothed(mean, 10);
  expect(mean).toBe(10);
  expect(smoothed(10, 18)).toBe(11);
});

test("a share that changes holds from the next work on", () => {
  const budget = new Budget(0.25);
  budget.share = 0.5;
  budget.spent(100, 10);
  expect([budget.allows(109), budget.allows(110)]).toEqual([false, true]);
});
