import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Courier } from "./courier";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A courier of numbers that remembers the loads and when they left; each is under way for `tripMs`. */
function courier(tripMs: number) {
  const left: { load: number[]; atMs: number }[] = [];
  /** How much there still was to bring, whenever something had arrived. */
  const done: number[] = [];
  const startMs = performance.now();
  const made = new Courier<number[]>({
    intervalMs: 70,
    merge: (_, newer) => newer,
    done: () => done.push(made.loads.length),
    deliver: (load) => {
      left.push({ load, atMs: Math.round(performance.now() - startMs) });
      return new Promise((resolve) => setTimeout(resolve, tripMs));
    },
  });
  return { made, left, done };
}

test("the first leaves at once", () => {
  const { made, left } = courier(10);
  made.give([1]);
  expect(left).toEqual([{ load: [1], atMs: 0 }]);
});

test("of many in an interval only the newest leaves, when the interval is over", async () => {
  const { made, left } = courier(5);
  for (let n = 0; n < 50; n++) {
    made.give([n]);
    await vi.advanceTimersByTimeAsync(4);
  }
  await vi.advanceTimersByTimeAsync(500);
  expect(left.map(({ atMs }) => atMs)).toEqual([0, 70, 140, 210]);
  expect(left.at(-1)?.load).toEqual([49]);
});

test("while one is under way no other leaves, however long it takes", async () => {
  const { made, left, done } = courier(1000);
  made.give([1]);
  await vi.advanceTimersByTimeAsync(300);
  made.give([2]);
  made.give([3]);
  expect(made.loads).toEqual([[1], [3]]);
  await vi.advanceTimersByTimeAsync(690);
  expect(left).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(20);
  expect(left.map(({ load }) => load)).toEqual([[1], [3]]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.loads).toEqual([]);
  expect(done).toEqual([1, 0]);
});

test("after the end nothing leaves", async () => {
  const { made, left } = courier(10);
  made.give([1]);
  made.give([2]);
  made.dispose();
  await vi.advanceTimersByTimeAsync(500);
  expect(left).toHaveLength(1);
});
