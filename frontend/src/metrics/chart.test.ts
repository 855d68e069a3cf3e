import { expect, test } from "vitest";
import { choose, lastTime, pointsInView } from "./chart";
import { History } from "./history";

function of(t: number[]): History {
  const history = new History();
  history.append(t, t);
  return history;
}

test("few points are drawn by Vega-Lite, many by uPlot", () => {
  expect(choose(null, 1000, null)).toBe("vega");
  expect(choose(null, 1001, null)).toBe("uplot");
  expect(choose("vega", 1001, 2)).toBe("uplot");
});

test("the choice does not flip to and fro at the limit", () => {
  expect(choose("uplot", 999, null)).toBe("uplot");
  expect(choose("uplot", 700, null)).toBe("vega");
  expect(choose("uplot", 700, 8)).toBe("vega");
});

test("Vega-Lite that is too slow on this machine gives way, for good", () => {
  expect(choose("vega", 100, 30)).toBe("uplot");
  expect(choose("uplot", 100, 30)).toBe("uplot");
});

test("points in view are those of the window", () => {
  expect(pointsInView([of([1, 2, 3]), of([3, 4, 5])], 2, 5)).toBe(4);
});

test("the newest point of all counts", () => {
  expect(lastTime([of([1]), of([]), of([7])])).toBe(7);
  expect(lastTime([])).toBeNull();
});
