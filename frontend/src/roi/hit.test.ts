import { expect, test } from "vitest";
import { hit } from "./hit";
import type { Roi } from "./shape";

const rectangle = (name: string, x: number, y: number, width: number, height: number): Roi => ({
  name,
  shape: { type: "rectangle", x, y, width, height },
});
const LARGE = rectangle("large", 0, 0, 100, 100);
const SMALL = rectangle("small", 40, 40, 10, 10);
const ROIS = [LARGE, SMALL];

test("the smallest of those under a place is meant", () => {
  expect(hit(ROIS, null, [45, 45], 2)).toEqual({ type: "body", name: "small" });
  expect(hit(ROIS, null, [38.5, 45], 2)).toEqual({ type: "body", name: "small" });
  expect(hit(ROIS, null, [20, 20], 2)).toEqual({ type: "body", name: "large" });
  expect(hit([SMALL], null, [20, 20], 2)).toBeNull();
});

test("the selected one comes before, its handles first", () => {
  expect(hit(ROIS, "large", [45, 45], 2)).toEqual({ type: "body", name: "large" });
  expect(hit(ROIS, "large", [99, 101], 2)).toMatchObject({ type: "handle", name: "large", handle: 4 });
  expect(hit(ROIS, "large", [50, -1], 2)).toMatchObject({ type: "handle", handle: 1, cursor: "ns-resize" });
  // Of another one they are not there.
  expect(hit(ROIS, "small", [99, 99], 2)).toEqual({ type: "body", name: "large" });
});

test("a small region can be taken hold of between its handles", () => {
  const reach = 8;
  expect(hit(ROIS, "small", [45, 45], reach)).toEqual({ type: "body", name: "small" });
  expect(hit(ROIS, "small", [41, 41], reach)).toMatchObject({ type: "handle", handle: 0 });
  expect(hit(ROIS, "small", [35, 35], reach)).toMatchObject({ type: "handle", handle: 0 });
});

test("the nearest handle is meant", () => {
  const bar = rectangle("bar", 10, 10, 6, 40);
  expect(hit([bar], "bar", [9, 9], 20)).toMatchObject({ handle: 0 });
  expect(hit([bar], "bar", [17, 9], 20)).toMatchObject({ handle: 2 });
});
