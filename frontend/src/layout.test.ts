import { expect, test } from "vitest";
import { layout } from "./layout";

test("a phone has one column and scrolls", () => {
  expect(layout(4, 370, 780)).toEqual({ columns: 1, fits: false, rowPx: null });
});

test("on a desk all panes are in sight", () => {
  expect(layout(1, 1400, 840)).toEqual({ columns: 1, fits: true, rowPx: null });
  expect(layout(2, 1400, 840)).toMatchObject({ columns: 2, fits: true });
  expect(layout(4, 1400, 840)).toMatchObject({ columns: 2, fits: true });
  expect(layout(6, 1400, 840)).toMatchObject({ columns: 3, fits: true });
});

test("a wall screen has many columns", () => {
  expect(layout(32, 3820, 2080)).toMatchObject({ columns: 7, fits: true });
});

test("more panes than fit keep a useful size and scroll", () => {
  const { columns, fits, rowPx } = layout(40, 1400, 840);
  expect(fits).toBe(false);
  expect(columns).toBe(3);
  expect(rowPx).toBeGreaterThanOrEqual(270);
});
