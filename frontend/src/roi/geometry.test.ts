import { describe, expect, test } from "vitest";
import {
  areaOf,
  boundsOf,
  contains,
  handlesOf,
  LAST_CORNER,
  moved,
  resized,
  spanned,
  touches,
} from "./geometry";
import type { Box, Point, Polygon } from "./shape";

const FRAME = { width: 100, height: 60 };
const box = (type: Box["type"], x: number, y: number, width: number, height: number): Box => ({
  type,
  x,
  y,
  width,
  height,
});
const polygon = (...points: Point[]): Polygon => ({ type: "polygon", points });
/** An L, which is not convex. */
const ELL = polygon([10, 10], [40, 10], [40, 20], [20, 20], [20, 50], [10, 50]);

test("bounds and areas", () => {
  expect(boundsOf(ELL)).toEqual({ x: 10, y: 10, width: 30, height: 40 });
  expect(areaOf(ELL)).toBe(30 * 10 + 10 * 30);
  expect(areaOf(polygon(...[...ELL.points].reverse()))).toBe(600);
  expect(areaOf(box("rectangle", 5, 5, 4, 3))).toBe(12);
  expect(areaOf(box("ellipse", 0, 0, 2, 2))).toBeCloseTo(Math.PI);
});

describe("inside", () => {
  test.each<[Point, boolean]>([
    [[15, 45], true],
    [[35, 15], true],
    [[35, 25], false],
    [[25, 45], false],
    [[5, 15], false],
    [[15, 5], false],
  ])("%j of an L: %s", (at, inside) => {
    expect(contains(ELL, at)).toBe(inside);
  });

  test("an ellipse leaves the corners of its bounds out", () => {
    const ellipse = box("ellipse", 10, 10, 40, 20);
    expect(contains(ellipse, [30, 20])).toBe(true);
    expect(contains(ellipse, [11, 20])).toBe(true);
    expect(contains(ellipse, [12, 12])).toBe(false);
    expect(contains(box("rectangle", 10, 10, 40, 20), [12, 12])).toBe(true);
  });

  test("agrees with the area for shapes of any kind", () => {
    for (const shape of [ELL, box("ellipse", 3, 4, 50, 40), box("rectangle", 20, 20, 33, 21)]) {
      let count = 0;
      for (let y = 0.5; y < 60; y++) for (let x = 0.5; x < 100; x++) if (contains(shape, [x, y])) count++;
      expect(Math.abs(count / areaOf(shape) - 1)).toBeLessThan(0.02);
    }
  });
});

test("the outline is touched from both sides, the middle is not", () => {
  for (const type of ["rectangle", "ellipse"] as const) {
    const shape = box(type, 20, 10, 40, 40);
    expect(touches(shape, [19, 30], 2)).toBe(true);
    expect(touches(shape, [21, 30], 2)).toBe(true);
    expect(touches(shape, [17, 30], 2)).toBe(false);
    expect(touches(shape, [23, 30], 2)).toBe(false);
  }
  expect(touches(ELL, [30, 21], 2)).toBe(true);
  expect(touches(ELL, [8.5, 30], 2)).toBe(true);
  expect(touches(ELL, [30, 23], 2)).toBe(false);
});

describe("a region that is moved", () => {
  test("goes by whole pixels and keeps its size", () => {
    expect(moved(box("ellipse", 10.25, 10, 5.5, 5), 3.4, -2.6, FRAME)).toEqual(
      box("ellipse", 13.25, 7, 5.5, 5),
    );
    expect(moved(ELL, 1.2, 0, FRAME)).toEqual(
      polygon([11, 10], [41, 10], [41, 20], [21, 20], [21, 50], [11, 50]),
    );
  });

  test("stays in the frame, whatever its fractions", () => {
    for (const shape of [
      box("rectangle", 10.7, 10.2, 20, 20),
      ELL,
      polygon([0.3, 0.3], [99.4, 1], [50, 59.9]),
    ]) {
      for (const [dx, dy] of [
        [-500, -500],
        [500, 500],
        [500, -3],
      ] as const) {
        const { x, y, width, height } = boundsOf(moved(shape, dx, dy, FRAME));
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(100 + 1e-9);
        expect(y + height).toBeLessThanOrEqual(60 + 1e-9);
      }
    }
  });
});

describe("a region that is resized", () => {
  const shape = box("rectangle", 10, 10, 20, 20);

  test("follows with the edges that are dragged, on whole pixels", () => {
    expect(resized(shape, 0, [4.4, 5.6], FRAME)).toEqual(box("rectangle", 4, 6, 26, 24));
    expect(resized(shape, LAST_CORNER, [41.2, 50.5], FRAME)).toEqual(box("rectangle", 10, 10, 31, 41));
    expect(resized(shape, 3, [15, 55], FRAME)).toEqual(box("rectangle", 10, 10, 5, 20));
  });

  test("keeps a pixel, and ends at the frame", () => {
    expect(resized(shape, 0, [80, 80], FRAME)).toEqual(box("rectangle", 29, 29, 1, 1));
    expect(resized(shape, LAST_CORNER, [-5, -5], FRAME)).toEqual(box("rectangle", 10, 10, 1, 1));
    expect(resized(shape, LAST_CORNER, [1e3, 1e3], FRAME)).toEqual(box("rectangle", 10, 10, 90, 50));
    expect(resized(shape, 0, [-7, -7], FRAME)).toEqual(box("rectangle", 0, 0, 30, 30));
  });

  test("of a polygon one corner follows", () => {
    expect(resized(ELL, 2, [45.678, 90], FRAME)).toEqual(
      polygon([10, 10], [40, 10], [45.68, 60], [20, 20], [20, 50], [10, 50]),
    );
  });

  test("a handle that does not move changes nothing", () => {
    for (const one of [shape, box("ellipse", 3, 4, 7, 9), ELL]) {
      handlesOf(one).forEach(({ at }, handle) => expect(resized(one, handle, at, FRAME)).toEqual(one));
    }
  });
});

describe("a box between two places", () => {
  test("is the same from any corner", () => {
    const places: [Point, Point][] = [
      [
        [10.2, 20.4],
        [30.1, 25.7],
      ],
      [
        [30.1, 20.4],
        [10.2, 25.7],
      ],
      [
        [30.1, 25.7],
        [10.2, 20.4],
      ],
    ];
    for (const [from, to] of places)
      expect(spanned("rectangle", from, to, false, FRAME)).toEqual(box("rectangle", 10, 20, 20, 6));
  });

  test("is a pixel at least, and in the frame", () => {
    expect(spanned("ellipse", [10.4, 10.4], [10.4, 10.4], false, FRAME)).toEqual(
      box("ellipse", 10, 10, 1, 1),
    );
    expect(spanned("rectangle", [99.9, 59.9], [300, 300], false, FRAME)).toEqual(
      box("rectangle", 99, 59, 1, 1),
    );
    expect(spanned("rectangle", [50, 30], [-10, 90], false, FRAME)).toEqual(box("rectangle", 0, 30, 50, 30));
  });

  test("is a square if asked for", () => {
    expect(spanned("ellipse", [10, 10], [30, 15], true, FRAME)).toEqual(box("ellipse", 10, 10, 20, 20));
    expect(spanned("ellipse", [30, 30], [25, 10], true, FRAME)).toEqual(box("ellipse", 10, 10, 20, 20));
  });
});
