import { expect, test } from "vitest";
import { place, timeAt, type Axis } from "./cursor";

const axis: Axis = { fromMs: 1000, toMs: 11_000, leftPx: 48, rightPx: 548 };

test("a time and its place belong together", () => {
  expect([place(axis, 1000), place(axis, 6000), place(axis, 11_000)]).toEqual([48, 298, 548]);
  for (const px of [48, 298, 548]) expect(place(axis, timeAt(axis, px) ?? NaN)).toBe(px);
});

test("beside the plot area there is no time", () => {
  expect([timeAt(axis, 47), timeAt(axis, 549)]).toEqual([null, null]);
  expect(timeAt({ ...axis, rightPx: 20 }, 30)).toBeNull();
});
