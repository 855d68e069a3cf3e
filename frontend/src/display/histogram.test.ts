import { describe, expect, test } from "vitest";
import {
  columns,
  endAt,
  moved,
  needed,
  occupied,
  parseHistogram,
  placeOf,
  pressed,
  settle,
  stepOf,
  valueAt,
} from "./histogram";

describe("the answer of the runner", () => {
  const answer = {
    min: -1,
    max: 3,
    counts: [4, 0, 2],
    below: 1,
    above: 2,
    nan: 3,
    seq: 7,
    session: "0a",
    t_ms: 9,
  };

  test("is understood", () => {
    const { min, max, ...rest } = answer;
    expect(parseHistogram(JSON.stringify(answer))).toEqual({
      status: "ok",
      message: { ...rest, range: [min, max] },
    });
  });

  test("may have nothing to count", () => {
    expect(parseHistogram('{"min":null,"max":null,"counts":[]}')).toMatchObject({
      message: { range: null, counts: [], nan: 0, seq: null },
    });
  });

  test("that makes no sense says where", () => {
    expect(parseHistogram('{"min":0,"max":1,"counts":[1,"2"]}')).toEqual({
      status: "error",
      reason: 'counts[1]: expected a number, got "2"',
    });
  });
});

describe("an axis", () => {
  test("is about the values that occur", () => {
    expect(occupied({ range: [0, 100], counts: [0, 3, 0, 1, 0] })).toEqual([20, 80]);
    expect(occupied({ range: [0, 100], counts: [0, 0] })).toEqual([0, 100]);
    expect(occupied({ range: null, counts: [] })).toBeNull();
  });

  test("shows values and window", () => {
    expect(needed([100, 800], [50, 900])).toEqual([50, 900]);
    expect(needed([100, 800], [200, 300])).toEqual([100, 800]);
    expect(needed([100, 800], null)).toEqual([100, 800]);
  });

  test("does not make 12 bits a line because the window has 16", () => {
    expect(needed([100, 800], [0, 65_535])).toEqual([0, 1500]);
  });

  test("has a width whatever is known", () => {
    for (const [values, window] of [
      [null, null],
      [[7, 7], null],
      [
        [7, 7],
        [7, 7],
      ],
      [[0, 0], null],
      [null, [3, 3]],
      [[-0.02, -0.02], null],
    ] as const) {
      const [from, to] = needed(values, window);
      expect(to).toBeGreaterThan(from);
      expect(from).toBeLessThanOrEqual(values?.[0] ?? from);
      expect(to).toBeGreaterThanOrEqual(values?.[1] ?? to);
    }
    expect(needed([7, 7], [0, 255])).toEqual([0, 255]);
  });

  test("stays while the values only waver, and follows them out and in", () => {
    const axis = settle(null, [100, 800]);
    expect(axis).toEqual([72, 828]);
    expect(settle(axis, [104, 790])).toBe(axis);
    expect(settle(axis, [95, 826])).toBe(axis);
    expect(settle(axis, [100, 900])).toEqual([68, 932]);
    expect(settle(axis, [100, 300])).toEqual([92, 308]);
  });

  test("leads from values to places and back", () => {
    expect(placeOf([100, 300], 150)).toBe(0.25);
    expect(placeOf([100, 300], 50)).toBe(0);
    expect(placeOf([100, 300], 1e9)).toBe(1);
    expect(valueAt([100, 300], 0.25, 1)).toBe(150);
    expect(valueAt([100, 300], -1, 1)).toBe(100);
    expect(valueAt([-0.02, 0.4], 0.5, 0.001)).toBe(0.19);
    expect(valueAt([0, 1], 1 / 3, 0.001)).toBe(0.333);
    expect(valueAt([0, 1e6], 1 / 3, 1000)).toBe(333_000);
    expect(Object.is(valueAt([-1, 1], 0.4999, 0.01), 0)).toBe(true);
  });

  test("has steps as fine as can be aimed at, and whole ones for whole numbers", () => {
    expect(stepOf([0, 255], true)).toBe(1);
    expect(stepOf([0, 65_535], true)).toBe(100);
    expect(stepOf([0, 40], true)).toBe(1);
    expect(stepOf([-0.02, 0.4], false)).toBeCloseTo(0.001, 12);
  });
});

describe("an end of the window", () => {
  test("is grasped by what is next to it", () => {
    expect(endAt([0, 100], [20, 80], 0.3)).toBe("min");
    expect(endAt([0, 100], [20, 80], 0.7)).toBe("max");
  });

  test("is the one that can move when both are at one place", () => {
    expect(endAt([0, 100], [500, 900], 0.7)).toBe("min");
    expect(endAt([0, 100], [-9, -5], 0.1)).toBe("max");
  });

  test("does not pass the other", () => {
    expect(moved([20, 80], "min", 30, 1)).toEqual([30, 80]);
    expect(moved([20, 80], "min", 90, 1)).toEqual([79, 80]);
    expect(moved([20, 80], "max", 0, 1)).toEqual([20, 21]);
  });

  test("is moved by keys", () => {
    const press = (key: string, shift = false) => pressed(key, shift, 50, [0, 200], 1);
    expect(press("ArrowLeft")).toBe(49);
    expect(press("ArrowUp")).toBe(51);
    expect(press("ArrowRight", true)).toBe(60);
    expect(press("PageDown")).toBe(40);
    expect(press("Home")).toBe(0);
    expect(press("End")).toBe(200);
    expect(press("a")).toBeNull();
    expect(pressed("ArrowRight", false, 0.3, [0, 1], 0.001)).toBe(0.301);
  });
});

describe("bars", () => {
  const histogram = { range: [0, 4], counts: [1, 0, 3, 7] } as const;
  const heights = (scale: "linear" | "log", axis = [0, 4] as const, width = 4) =>
    [...columns({ ...histogram, counts: [...histogram.counts] }, axis, width, scale)].map(
      (height) => Math.round(height * 100) / 100,
    );

  test("are as high as counts, or as their logarithms", () => {
    expect(heights("linear")).toEqual([0.14, 0, 0.43, 1]);
    expect(heights("log")).toEqual([0.33, 0, 0.67, 1]);
  });

  test("are where their values are", () => {
    expect(heights("linear", [0, 4], 8)).toEqual([0.14, 0.14, 0, 0, 0.43, 0.43, 1, 1]);
    expect(columns({ range: [0, 4], counts: [7] }, [-4, 4], 4, "linear")).toEqual(
      new Float32Array([0, 0, 1, 1]),
    );
    expect(columns({ range: [0, 4], counts: [7] }, [8, 12], 4, "linear")).toEqual(new Float32Array(4));
  });

  test("narrower than a pixel are still seen", () => {
    expect(heights("linear", [0, 4], 2)).toEqual([0.14, 1]);
    expect(columns({ range: [50, 50.1], counts: [3] }, [0, 100], 10, "log")[5]).toBe(1);
  });

  test("are none where nothing was counted", () => {
    expect(columns({ range: null, counts: [] }, [0, 1], 3, "linear")).toEqual(new Float32Array(3));
    expect(columns({ range: [0, 1], counts: [0, 0] }, [0, 1], 3, "log")).toEqual(new Float32Array(3));
  });
});
