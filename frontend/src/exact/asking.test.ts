import { expect, test } from "vitest";
import { ALWAYS, mostPixels, placement, regionOf, resolution } from "./asking";

const frame = { width: 4096, height: 2048 };

test("all of a frame is asked for where all of it is looked at", () => {
  expect(regionOf({ x: 0, y: 0, ...frame }, frame)).toBeNull();
});

test("a part is asked for with a margin, in whole pixels within the frame", () => {
  expect(regionOf({ x: 1000.5, y: 500.25, width: 400, height: 200 }, frame)).toEqual({
    x: 900,
    y: 450,
    width: 601,
    height: 301,
  });
  expect(regionOf({ x: 0, y: 1948, width: 200, height: 100 }, frame)).toEqual({
    x: 0,
    y: 1923,
    width: 250,
    height: 125,
  });
  // A part that is nearly all of it is all of it with its margin.
  expect(regionOf({ x: 100, y: 50, width: 3896, height: 1948 }, frame)).toBeNull();
});

test("what is asked for is always something, wherever one looks", () => {
  for (let i = 0; i < 500; i++) {
    const width = 4 + ((i * 37) % 4000);
    const looked = {
      x: (frame.width - width) * ((i * 13) % 100) * 0.01,
      y: (frame.height - width / 2) * ((i * 7) % 100) * 0.01,
      width,
      height: width / 2,
    };
    const region = regionOf(looked, frame) ?? { x: 0, y: 0, ...frame };
    expect(region.x).toBeLessThanOrEqual(looked.x);
    expect(region.y).toBeLessThanOrEqual(looked.y);
    expect(region.x + region.width).toBeGreaterThanOrEqual(looked.x + looked.width - 1e-9);
    expect(region.y + region.height).toBeGreaterThanOrEqual(looked.y + looked.height - 1e-9);
    expect(region.x + region.width).toBeLessThanOrEqual(frame.width);
    expect(region.y + region.height).toBeLessThanOrEqual(frame.height);
  }
});

test("as many pixels are asked for as the screen shows, and a megapixel always", () => {
  expect(mostPixels(frame, { width: 300, height: 150 }, 8192)).toBe(ALWAYS);
  expect(mostPixels(frame, { width: 2000, height: 1000 }, 8192)).toBe(2_000_000);
  // What has a longer side than can be drawn has to be reduced: to a half here, the longer side being 6000 then.
  expect(mostPixels({ width: 12_000, height: 3 }, { width: 300, height: 1 }, 8192)).toBe(12_000);
});

test("pixels lie where they are in the box that shows a part of the frame", () => {
  const looked = { x: 100, y: 50, width: 200, height: 100 };
  expect(placement({ x: 50, y: 25, width: 300, height: 150 }, looked)).toEqual({
    left: "-25%",
    top: "-25%",
    width: "150%",
    height: "150%",
  });
});

test("a reduced picture says so", () => {
  expect(resolution(1)).toBeNull();
  expect(resolution(4)).toBe("1/4 resolution");
});
