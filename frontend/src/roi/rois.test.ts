import { expect, test } from "vitest";
import type { Edit } from "./edit";
import { Rois } from "./rois";
import type { Shape } from "./shape";

const SHAPE: Shape = { type: "ellipse", x: 1, y: 2, width: 3, height: 4 };
const OTHER: Shape = { ...SHAPE, x: 5 };

/** `raw` and `denoised` are a group. Nothing is ever answered: what was changed here is what is shown. */
function rig() {
  const never = () => new Promise<never>(() => undefined);
  const rois = new Rois(
    (stream) => (stream === "face" ? [stream] : ["raw", "denoised"]),
    () => ({ list: never, add: never, change: never, remove: never, replace: never }),
  );
  return {
    rois,
    shapes: (stream: string) => rois.of(stream).rois.value.map(({ name, shape }) => [name, shape]),
  };
}

test("a change of one is a change of its group", () => {
  const { rois, shapes } = rig();
  rois.add("raw", SHAPE);
  expect(shapes("raw")).toEqual([["roi1", SHAPE]]);
  expect(shapes("denoised")).toEqual([["roi1", SHAPE]]);
  expect(shapes("face")).toEqual([]);
  rois.change("denoised", "roi1", OTHER);
  expect(shapes("raw")).toEqual([["roi1", OTHER]]);
  rois.rename("raw", "roi1", "soma");
  expect(shapes("denoised")).toEqual([["soma", OTHER]]);
  rois.remove("denoised", "soma");
  expect(shapes("raw")).toEqual([]);
  rois.replace("raw", [{ name: "x", shape: SHAPE }]);
  expect(shapes("denoised")).toEqual([["x", SHAPE]]);
});

test("a name is free in all of the group", () => {
  const { rois, shapes } = rig();
  const add: Edit = { type: "add", roi: { name: "roi1", shape: OTHER } };
  rois.of("denoised").give(add);
  rois.add("raw", SHAPE);
  expect(shapes("raw")).toEqual([["roi2", SHAPE]]);
  // One that only another has is changed there only.
  rois.change("denoised", "roi1", SHAPE);
  expect(shapes("raw")).toEqual([["roi2", SHAPE]]);
});

test("one region is selected, as long as it is there", () => {
  const { rois } = rig();
  rois.add("raw", SHAPE);
  expect(rois.selection.value).toEqual({ stream: "raw", name: "roi1" });
  rois.rename("raw", "roi1", "soma");
  expect(rois.selection.value).toEqual({ stream: "raw", name: "soma" });
  rois.remove("raw", "soma");
  expect(rois.selection.value).toBeNull();
});
