import { expect, test } from "vitest";
import { History, pointsPerSeries } from "./history";

function points(history: History): [number, number][] {
  return Array.from({ length: history.length }, (_, i) => [history.time(i), history.value(i)]);
}

test("samples are kept in order of capture time, also a late one", () => {
  const history = new History();
  history.append([1, 2, 5], [10, 20, 50]);
  history.append([3], [30]);
  expect(points(history)).toEqual([
    [1, 10],
    [2, 20],
    [3, 30],
    [5, 50],
  ]);
});

test("samples of the same time keep their order", () => {
  const history = new History();
  history.append([1, 1], [1, 2]);
  expect(points(history)).toEqual([
    [1, 1],
    [1, 2],
  ]);
});

test("points older than asked are evicted, one at the limit stays", () => {
  const history = new History();
  history.append([1, 2, 3], [1, 2, 3]);
  history.evict(2);
  expect(points(history)).toEqual([
    [2, 2],
    [3, 3],
  ]);
});

test("memory stays bounded while samples come and go", () => {
  const history = new History();
  for (let t = 0; t < 100_000; t++) {
    history.append([t], [t]);
    history.evict(t - 99);
  }
  expect(history.length).toBe(100);
  expect(points(history)[0]).toEqual([99_900, 99_900]);
  expect((history as unknown as { times: Float64Array }).times.length).toBeLessThan(2000);
});

test("more points than the limit push out the oldest", () => {
  const history = new History();
  history.append([1, 2, 3, 4], [1, 2, 3, 4], 3);
  expect(points(history)).toEqual([
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("a backfill replaces what was there", () => {
  const history = new History();
  history.append([1, 2], [1, 2]);
  history.replace([7], [NaN]);
  expect(points(history)).toEqual([[7, NaN]]);
  expect([history.lastTime, history.lastValue]).toEqual([7, NaN]);
});

test("what is new is counted, and a changed past is marked", () => {
  const history = new History();
  history.append([1, 2], [1, 2]);
  history.evict(2);
  expect([history.appended, history.rewrittenAt]).toEqual([2, 0]);
  history.append([3], [1]);
  expect([history.appended, history.rewrittenAt]).toEqual([3, 0]);
  history.append([1.7], [1]);
  expect([history.appended, history.rewrittenAt]).toEqual([4, 4]);
  history.replace([], []);
  expect([history.appended, history.rewrittenAt]).toEqual([5, 5]);
});

test("an index is that of the first point at or after a time", () => {
  const history = new History();
  history.append([10, 20, 30], [0, 0, 0]);
  expect([5, 10, 15, 30, 31].map((t) => history.indexAt(t))).toEqual([0, 0, 1, 2, 3]);
});

test("a time that is no number is left out", () => {
  const history = new History();
  history.append([NaN, 1], [1, 1]);
  expect(points(history).length).toBeLessThanOrEqual(2);
  expect(history.lastTime).toBe(1);
});

test("many series share the memory", () => {
  expect([0, 1, 400, 1_000_000].map(pointsPerSeries)).toEqual([32_768, 32_768, 10_000, 2_048]);
});

test("a pause is much longer than the usual interval, and a second at least", () => {
  const of = (t: number[]): number => {
    const history = new History();
    history.append(t, t);
    return history.pauseMs();
  };
  expect(of([0, 10, 20, 30, 9000])).toBe(1000);
  expect(of([0, 1000, 2000, 3000, 4000, 60_000])).toBe(5000);
  expect(of([0, 10, 9000])).toBe(Infinity);
});
