import { expect, test } from "vitest";
import { known, latencyOf } from "./latency";

const clocks = { synchronised: true, delayMs: 3, shownMs: 1080 };

test("from capture to the screen, by the runner's clock", () => {
  expect(latencyOf(1000, clocks)).toEqual({ ms: 80 });
  expect(latencyOf(1000, { ...clocks, delayMs: null })).toEqual({ ms: 80 });
});

test.each([
  ["nothing is on screen", latencyOf(null, clocks)],
  ["clock is not known", latencyOf(1000, { ...clocks, synchronised: false })],
  ["by 12 ms", latencyOf(1000, { ...clocks, delayMs: -11.2 })],
  ["ahead of the runner's", latencyOf(1081, clocks)],
])("what is not known says why: %s", (why, latency) => {
  expect(known(latency)).toBeNull();
  expect("unknown" in latency && latency.unknown).toContain(why);
});
