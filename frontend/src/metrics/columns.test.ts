import { expect, test } from "vitest";
import { columns } from "./columns";
import { History } from "./history";

function of(t: number[], v: number[]): History {
  const history = new History();
  history.append(t, v);
  return history;
}

const ys = (history: History, from = 0, to = 40, column = 10) => columns([history], from, to, column)[1];

test("a column shows both extremes in the order in which they came", () => {
  expect(ys(of([1, 2, 3, 11, 12, 13], [5, 9, 7, 9, 1, 5]))?.slice(0, 4)).toEqual([5, 9, 9, 1]);
});

test("a single sample is one value and does not break the line", () => {
  expect(ys(of([5, 35], [1, 2]))).toEqual([
    1,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    2,
    undefined,
  ]);
});

test("NaN makes a gap", () => {
  expect(ys(of([5, 15, 25], [1, NaN, 3]))).toEqual([
    1,
    undefined,
    null,
    null,
    3,
    undefined,
    undefined,
    undefined,
  ]);
});

test("infinities cannot be drawn and make a gap too", () => {
  expect(ys(of([5], [-Infinity]))?.slice(0, 2)).toEqual([null, null]);
});

test("a gap that ends or begins within a column is on its side", () => {
  expect(ys(of([1, 2, 11, 12], [NaN, 4, 6, NaN]))?.slice(0, 4)).toEqual([null, 4, 6, null]);
});

test("times lie on a grid of the epoch, in seconds", () => {
  expect(columns([], 13, 29, 10)[0]).toEqual([0.0125, 0.0175, 0.0225, 0.0275]);
});

test("points just outside of the view are kept so that lines run out of it", () => {
  expect(ys(of([-100, 15, 500], [1, 2, 3]), 0, 30)).toEqual([1, undefined, 2, undefined, 3, undefined]);
});

test("a pause is a gap", () => {
  expect(ys(of([50, 150, 250, 350, 450, 1950], [1, 2, 3, 4, 5, 6]), 0, 2000, 500)).toEqual([
    1,
    5,
    null,
    null,
    null,
    null,
    6,
    undefined,
  ]);
});
