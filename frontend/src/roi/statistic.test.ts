import { describe, expect, test } from "vitest";
import { History } from "../metrics/history";
import type { Trace } from "../store";
import { FRAME_PLACE, placesOf } from "./color";
import { choose, framesOf, seriesOf } from "./statistic";

const KEYS = ["mean", "min", "max", "sum", "std", "dff"];
const trace = (name: string, id: number): Trace => ({
  series: { id, stream: "camera.roi", name, unit: null },
  history: new History(),
});
const traces = [
  "frame.max",
  "frame.mean",
  ...["old", "b", "a"].flatMap((n) => KEYS.map((k) => `${n}.${k}`)),
].map(trace);
const names = (statistic: Parameters<typeof choose>[1], rois: string[]) =>
  choose(traces, statistic, rois).traces.map(({ series }) => series.name);

describe("what is shown of regions", () => {
  test("is one statistic of those that there are, in their order, after the frame's", () => {
    expect(names("mean", ["a", "b"])).toEqual(["frame.mean", "a.mean", "b.mean"]);
    expect(names("dff", ["a", "b", "not measured yet"])).toEqual(["a.dff", "b.dff"]);
  });

  test("is the frame where there are none", () => {
    expect(names("std", [])).toEqual(["frame.mean", "frame.max"]);
  });

  test("has the colours of the regions", () => {
    const { places } = choose(traces, "max", ["a", "b"]);
    const regions = placesOf(["a", "b"]);
    expect(places.get("b.max")).toBe(regions.get("b"));
    expect(places.get("frame.max")).toBe(FRAME_PLACE);
  });
});

describe("colours", () => {
  test("go by the number of a name, and stay when others go", () => {
    expect([...placesOf(["roi1", "roi2", "roi3"]).values()]).toEqual([0, 1, 2]);
    expect(placesOf(["roi3"]).get("roi3")).toBe(2);
  });

  test("differ as long as there are enough, and never are that of the frame", () => {
    const all = Array.from({ length: 45 }, (_, i) => `cell-${String.fromCharCode(97 + i)}`);
    for (const many of [all, all.map((_, i) => `${i}`), all.map((_, i) => `n${i}x1`)]) {
      const places = [...placesOf(many).values()];
      expect(new Set(places.slice(0, 15)).size).toBe(15);
      expect(Math.max(...places)).toBeLessThan(FRAME_PLACE);
      for (let place = 0; place < 15; place++) expect(places.filter((p) => p === place)).toHaveLength(3);
    }
  });
});

test("series of regions are known by their stream", () => {
  expect(framesOf(seriesOf("camera.1"))).toBe("camera.1");
  expect(framesOf("host")).toBeNull();
});
