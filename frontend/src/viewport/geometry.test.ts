import { expect, test } from "vitest";
import { limited, magnification, MOST_MAGNIFIED, pixelAt, toBox, toFrame } from "./geometry";

const BOX = { left: 100, top: 50, width: 640, height: 320 };
const REGION = { x: 8, y: 4, width: 64, height: 32 };

test("the corners of the box are the corners of the region", () => {
  expect(toFrame(BOX, REGION, 100, 50)).toEqual({ x: 8, y: 4 });
  expect(toFrame(BOX, REGION, 740, 370)).toEqual({ x: 72, y: 36 });
  expect(toBox(BOX, REGION, 8, 4)).toEqual({ left: 0, top: 0 });
  expect(toBox(BOX, REGION, 72, 36)).toEqual({ left: 640, top: 320 });
});

test("points beyond the box are beyond the region", () => {
  expect(toFrame(BOX, REGION, 90, 380)).toEqual({ x: 7, y: 37 });
  expect(toBox(BOX, REGION, 7, 37)).toEqual({ left: -10, top: 330 });
});

test("a pixel has its outer corner at its number", () => {
  const frame = { width: 64, height: 32 };
  expect(pixelAt(frame, { x: 0, y: 0 })).toEqual({ x: 0, y: 0 });
  expect(pixelAt(frame, { x: 63.999, y: 31.999 })).toEqual({ x: 63, y: 31 });
  expect(pixelAt(frame, { x: 64, y: 5 })).toBeNull();
  expect(pixelAt(frame, { x: 5, y: -0.001 })).toBeNull();
});

test("a pixel gets as large as is allowed and no larger", () => {
  expect(magnification(BOX, REGION)).toBe(10);
  expect(limited(2, BOX, REGION)).toBe(2);
  expect(limited(100, BOX, REGION)).toBe(MOST_MAGNIFIED / 10);
  // What is larger already does not shrink by zooming in.
  expect(limited(2, BOX, { ...REGION, width: 2, height: 1 })).toBe(1);
  expect(limited(0.5, BOX, { ...REGION, width: 2, height: 1 })).toBe(0.5);
});
