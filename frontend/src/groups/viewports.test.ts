import { expect, test } from "vitest";
import { Groups } from "./groups";
import { LinkedViewports } from "./viewports";

const SIZES: Readonly<Record<string, number>> = { raw: 512, corrected: 512, small: 256 };

function streams() {
  const groups = new Groups(() => ["raw", "corrected", "small", "unknown"], "lab", null);
  const viewports = new LinkedViewports(groups, (stream) => {
    const side = SIZES[stream];
    return side === undefined ? null : { width: side, height: side };
  });
  for (const stream of Object.keys(SIZES)) {
    viewports.of(stream).resize(SIZES[stream] ?? 0, SIZES[stream] ?? 0);
  }
  return { groups, viewports };
}

test("a group of one size shares zoom and pan", () => {
  const { viewports } = streams();
  for (const stream of ["raw", "corrected"]) viewports.group(stream, "A");
  viewports.of("raw").zoomAt(0, 0, 2);
  viewports.of("corrected").pan(64, 32);
  const region = { x: 64, y: 32, width: 256, height: 256 };
  expect(viewports.of("raw").region.value).toEqual(region);
  expect(viewports.of("corrected").region.value).toEqual(region);
});

test("frames of another size, or of none yet, are looked at apart", () => {
  const { viewports } = streams();
  for (const stream of ["raw", "small", "unknown"]) viewports.group(stream, "A");
  viewports.of("raw").zoomAt(0, 0, 2);
  expect(viewports.of("small").zoomed).toBe(false);
  expect(viewports.of("unknown")).not.toBe(viewports.of("raw"));
});

test("the first of a group brings along what it looks at, who joins looks at the same, who leaves stays there", () => {
  const { viewports } = streams();
  viewports.of("raw").zoomAt(0, 0, 4);
  viewports.of("corrected").zoomAt(512, 512, 2);
  viewports.group("raw", "A");
  expect(viewports.of("raw").region.value).toEqual({ x: 0, y: 0, width: 128, height: 128 });
  viewports.group("corrected", "A");
  expect(viewports.of("corrected").region.value).toEqual({ x: 0, y: 0, width: 128, height: 128 });
  viewports.of("corrected").pan(10, 0);
  viewports.group("corrected", null);
  expect(viewports.of("corrected").region.value).toEqual({ x: 10, y: 0, width: 128, height: 128 });
  viewports.of("corrected").reset();
  expect(viewports.of("raw").region.value.x).toBe(10);
});
