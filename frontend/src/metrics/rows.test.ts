import { expect, test } from "vitest";
import { History } from "./history";
import { Rows } from "./rows";

/** Later than everything. */
const END = 1e9;

function of(t: number[], v = t): History {
  const history = new History();
  history.append(t, v);
  return history;
}

test("first everything in the window, then only what is new", () => {
  const rows = new Rows();
  const history = of([1, 2, 3]);
  expect(rows.advance([history], 2, END)).toEqual({
    reset: true,
    rows: [1, 2, 3].map((t) => ({ t, s: 0, v: t })),
  });
  history.append([4], [40]);
  expect(rows.advance([history], 3, END)).toEqual({ reset: false, rows: [{ t: 4, s: 0, v: 40 }] });
  expect(rows.advance([history], 3.5, END)).toEqual({ reset: false, rows: [] });
});

test("what cannot be drawn is a gap", () => {
  expect(new Rows().advance([of([1, 2], [NaN, Infinity])], 0, END).rows.map((row) => row.v)).toEqual([
    null,
    null,
  ]);
});

test("a longer window, a backfill and a late sample start anew", () => {
  const rows = new Rows();
  const history = of([1, 2, 3]);
  rows.advance([history], 3, END);
  expect(rows.advance([history], 1, END)).toMatchObject({ reset: true, rows: { length: 3 } });
  history.replace([2, 4], [2, 4]);
  expect(rows.advance([history], 1, END)).toMatchObject({ reset: true, rows: { length: 2 } });
  history.append([3], [3]);
  expect(rows.advance([history], 1, END).rows.map((row) => row.t)).toEqual([2, 3, 4]);
});

test("new samples that are already out of the window are left out", () => {
  const rows = new Rows();
  const history = of([1]);
  rows.advance([history], 0, END);
  history.append([2, 3, 4], [2, 3, 4]);
  expect(rows.advance([history], 3.5, END).rows.map((row) => row.t)).toEqual([3, 4]);
});

test("another history in the same place starts anew", () => {
  const rows = new Rows();
  rows.advance([of([1, 2, 3])], 0, END);
  expect(rows.advance([of([7])], 0, END)).toEqual({ reset: true, rows: [{ t: 7, s: 0, v: 7 }] });
});

test("a pause is a gap, both in what is there and in what comes", () => {
  const rows = new Rows();
  const history = of([0, 100, 200, 300, 400, 2000, 2100]);
  expect(rows.advance([history], 0, END).rows.slice(4, 7)).toEqual([
    { t: 400, s: 0, v: 400 },
    { t: 1200, s: 0, v: null },
    { t: 2000, s: 0, v: 2000 },
  ]);
  history.append([2200, 4200], [1, 2]);
  expect(rows.advance([history], 0, END).rows.map((row) => row.v)).toEqual([1, null, 2]);
});

test("what is later than the window waits for it", () => {
  const rows = new Rows();
  const history = of([1, 2, 3, 4, 5]);
  const times = (from: number, to: number) => rows.advance([history], from, to).rows.map((row) => row.t);
  expect(times(0, 2)).toEqual([1, 2]);
  expect(times(0, 2)).toEqual([]);
  history.append([6], [6]);
  expect(times(0, 3.5)).toEqual([3, 4]);
  history.evict(3);
  expect(times(3, 10)).toEqual([5, 6]);
});

test("a window that moves back starts anew, and gives out what follows when it moves on again", () => {
  const rows = new Rows();
  const history = of([1, 2, 3, 4, 5]);
  rows.advance([history], 3, 5);
  expect(rows.advance([history], 0, 2)).toMatchObject({ reset: true, rows: [{ t: 1 }, { t: 2 }] });
  expect(rows.advance([history], 1, 4)).toMatchObject({ reset: false, rows: [{ t: 3 }, { t: 4 }] });
});
