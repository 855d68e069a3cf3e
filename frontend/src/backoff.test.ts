import { expect, test } from "vitest";
import { Backoff } from "./backoff";

test("delays double up to the cap", () => {
  const backoff = new Backoff(200, 2000, () => 1);
  expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([200, 400, 800, 1600, 2000, 2000]);
});

test("jitter never makes a delay longer, nor shorter than half", () => {
  expect(new Backoff(200, 2000, () => 0).next()).toBe(100);
  expect(new Backoff(200, 2000, () => 0.999).next()).toBeLessThan(200);
});

test("a reset begins again", () => {
  const backoff = new Backoff(200, 2000, () => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(200);
});
