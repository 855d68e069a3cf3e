import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { toBox, toFrame } from "./geometry";
import { Viewport } from "./viewport";

function of(width: number, height: number): Viewport {
  const viewport = new Viewport();
  viewport.resize(width, height);
  return viewport;
}

test("all of the frame is shown before anybody zooms", () => {
  const viewport = of(640, 480);
  expect(viewport.region.value).toEqual({ x: 0, y: 0, width: 640, height: 480 });
  expect(viewport.frame.value).toEqual({ width: 640, height: 480 });
  expect(viewport.zoomed).toBe(false);
  expect(viewport.zoom).toBe(1);
});

test("the point that is zoomed at stays where it is", () => {
  const viewport = of(640, 480);
  const box = { left: 30, top: 20, width: 320, height: 240 };
  const point = { x: 123.25, y: 301.5 };
  const before = toBox(box, viewport.region.value, point.x, point.y);
  for (const factor of [1.25, 3, 0.5, 7]) {
    viewport.zoomAt(point.x, point.y, factor);
    const { left, top } = toBox(box, viewport.region.value, point.x, point.y);
    expect(left).toBeCloseTo(before.left, 9);
    expect(top).toBeCloseTo(before.top, 9);
    const back = toFrame(box, viewport.region.value, box.left + left, box.top + top);
    expect(back.x).toBeCloseTo(point.x, 9);
    expect(back.y).toBeCloseTo(point.y, 9);
  }
  expect(viewport.zoom).toBeCloseTo(1.25 * 3 * 0.5 * 7, 9);
});

test("nothing outside of the frame is ever shown, and its shape is kept", () => {
  const viewport = of(300, 200);
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 2000; i++) {
    if (random() < 0.5) viewport.zoomAt(random() * 300, random() * 200, 0.3 + 2 * random());
    else viewport.pan(400 * (random() - 0.5), 400 * (random() - 0.5));
    const { x, y, width, height } = viewport.region.value;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(300 + 1e-9);
    expect(y + height).toBeLessThanOrEqual(200 + 1e-9);
    expect(width / height).toBeCloseTo(1.5, 9);
  }
});

test("zooming ends, in as out", () => {
  const viewport = of(300, 200);
  viewport.zoomAt(10, 10, 1e9);
  expect(viewport.region.value.height).toBe(4);
  expect(viewport.region.value.width).toBe(6);
  viewport.zoomAt(10, 10, 1e-9);
  expect(viewport.region.value).toEqual({ x: 0, y: 0, width: 300, height: 200 });
  expect(viewport.zoomed).toBe(false);
  const tiny = of(3, 2);
  tiny.zoomAt(1, 1, 100);
  expect(tiny.zoomed).toBe(false);
});

test("a region is shown whole, in the middle, as far as the frame goes", () => {
  const viewport = of(300, 200);
  viewport.show({ x: 100, y: 100, width: 30, height: 30 });
  expect(viewport.region.value).toEqual({ x: 92.5, y: 100, width: 45, height: 30 });
  viewport.show({ x: 290, y: 0, width: 10, height: 10 });
  expect(viewport.region.value).toEqual({ x: 285, y: 0, width: 15, height: 10 });
  viewport.reset();
  expect(viewport.region.value).toEqual({ x: 0, y: 0, width: 300, height: 200 });
});

test("a frame of another size is shown from the beginning, one of the same as it was", () => {
  const viewport = of(300, 200);
  viewport.zoomAt(100, 100, 2);
  const region = viewport.region.value;
  viewport.resize(300, 200);
  expect(viewport.region.value).toBe(region);
  viewport.resize(200, 300);
  expect(viewport.region.value).toEqual({ x: 0, y: 0, width: 200, height: 300 });
});

test("who listens hears of changes only", () => {
  const viewport = of(300, 200);
  let heard = 0;
  const forget = effect(() => {
    heard += viewport.region.value.width > 0 ? 1 : 0;
  });
  viewport.pan(10, 10);
  viewport.reset();
  viewport.zoomAt(5, 5, 0.5);
  expect(heard).toBe(1);
  viewport.zoomAt(5, 5, 2);
  expect(heard).toBe(2);
  forget();
});
