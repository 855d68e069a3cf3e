import { describe, expect, test } from "vitest";
import {
  arranged,
  automatic,
  fromJson,
  LEAST,
  moved,
  overlap,
  stepped,
  toJson,
  UNITS,
  type Place,
  type Step,
} from "./arrangement";

const keys = (count: number) => Array.from({ length: count }, (_, i) => `frame/${i}`);
const place = (x: number, y: number, w = UNITS, h = UNITS): Place => ({ x, y, w, h });

describe("by themselves", () => {
  test("panes fill the window, as far as it goes", () => {
    const laid = automatic(keys(4), 1400, 840);
    expect(laid).toMatchObject({ columns: 2 * UNITS, unitPx: 840 / 2 / UNITS, fits: true });
    expect([...(laid?.places.values() ?? [])]).toEqual([
      place(0, 0),
      place(UNITS, 0),
      place(0, UNITS),
      place(UNITS, UNITS),
    ]);
  });

  test("16 panes scroll, in rows of a useful height", () => {
    const laid = automatic(keys(16), 1400, 840);
    expect(laid?.fits).toBe(false);
    expect(laid?.columns).toBe(3 * UNITS);
    expect((laid?.unitPx ?? 0) * UNITS).toBeGreaterThan(270);
  });

  test("on a phone there are no places", () => expect(automatic(keys(4), 380, 780)).toBeNull());
});

describe("by hand", () => {
  const laid = automatic(keys(4), 1400, 840);
  if (laid === null) throw new Error("there is room");

  test("panes lie as they were put, and fill a window of another size as they filled this one", () => {
    const wide = new Map([...laid.places, ["frame/0", place(0, 0, UNITS + 2, UNITS)] as const]);
    const arrangement = moved(null, laid, wide, 840);
    expect(arrangement.rows).toBeCloseTo(2 * UNITS);
    const again = arranged(arrangement, keys(4), 600);
    expect(again.places).toEqual(wide);
    expect(again).toMatchObject({ columns: 2 * UNITS, fits: true });
    expect(again.unitPx).toBeCloseTo(600 / 2 / UNITS);
    // Lower than is of use: it scrolls.
    expect(arranged(arrangement, keys(4), 200)).toMatchObject({ fits: false, unitPx: 32 });
  });

  test("the place of a pane that is away is kept, and a new one goes where there is room", () => {
    const arrangement = moved(null, laid, laid.places, 840);
    const without = moved(arrangement, laid, new Map([["frame/0", place(UNITS, 0)]]), 840);
    expect(without.places.get("frame/3")).toEqual(place(UNITS, UNITS));
    const { places } = arranged(arrangement, ["frame/0", "new", "frame/3"], 840);
    expect(places.get("frame/3")).toEqual(place(UNITS, UNITS));
    expect(places.get("new")).toEqual(place(UNITS, 0));
    const more = arranged(arrangement, [...keys(4), "a", "b"], 840);
    expect(more.places.get("a")).toEqual(place(0, 2 * UNITS));
    expect(more.places.get("b")).toEqual(place(UNITS, 2 * UNITS));
    expect(more.fits).toBe(false);
  });

  test("only so many places are remembered: the last", () => {
    const many = new Map(keys(300).map((key) => [key, place(0, 0)]));
    const { places } = moved(null, laid, many, 840);
    expect(places.size).toBe(256);
    expect(places.has("frame/299")).toBe(true);
  });
});

describe("step by step", () => {
  const all = new Map([
    ["a", place(0, 0)],
    ["b", place(UNITS, 0)],
    ["c", place(0, UNITS, 2 * UNITS, UNITS)],
  ]);
  const after = (key: string, step: Step) => stepped(all, key, step, 2 * UNITS);

  test("a pane trades places with its neighbour", () => {
    expect(after("a", "right").get("a")).toEqual(place(UNITS, 0));
    expect(after("a", "right").get("b")).toEqual(place(0, 0));
    expect(after("b", "left")).toEqual(after("a", "right"));
    expect(after("b", "down").get("c")?.y).toBe(0);
    expect(after("b", "down").get("b")?.y).toBe(UNITS);
  });

  test("none leaves the window", () => {
    expect(after("a", "left").get("a")).toEqual(place(0, 0));
    expect(after("b", "right").get("b")).toEqual(place(UNITS, 0));
    expect(after("a", "up").get("a")).toEqual(place(0, 0));
    for (const at of [...after("c", "up").values()]) expect(at.x + at.w).toBeLessThanOrEqual(2 * UNITS);
  });

  test("sizes change by a unit, down to what is of use and up to the window", () => {
    expect(after("a", "wider").get("a")?.w).toBe(UNITS + 1);
    expect(after("b", "wider").get("b")?.w).toBe(UNITS);
    expect(after("a", "taller").get("a")?.h).toBe(UNITS + 1);
    let places: ReadonlyMap<string, Place> = all;
    for (let i = 0; i < 10; i++) {
      for (const step of ["narrower", "lower"] as const) places = stepped(places, "a", step, 2 * UNITS);
    }
    expect(places.get("a")).toEqual(place(0, 0, LEAST, LEAST));
  });

  test("a pane that is not there changes nothing", () => expect(after("d", "left")).toBe(all));
});

test("places have something in common, or only an edge", () => {
  expect(overlap(place(0, 0), place(UNITS - 1, UNITS - 1))).toBe(true);
  expect(overlap(place(0, 0), place(UNITS, 0))).toBe(false);
});

const GOOD = { columns: 12, rows: 12.5, places: { "frame/a": place(6, 0) } };

test("an arrangement is read as it was written", () => {
  const arrangement = fromJson(GOOD, "arrangement");
  expect(arrangement.places.get("frame/a")).toEqual(place(6, 0));
  expect(fromJson(JSON.parse(JSON.stringify(toJson(arrangement))), "arrangement")).toEqual(arrangement);
});

test.each([
  ["no columns", { ...GOOD, columns: undefined }],
  ["columns that are none", { ...GOOD, columns: 0 }],
  ["half a column", { ...GOOD, columns: 12.5 }],
  ["no height", { ...GOOD, rows: 0 }],
  ["an endless height", { ...GOOD, rows: Infinity }],
  ["a pane beyond the window", { ...GOOD, places: { "frame/a": place(7, 0) } }],
  ["a pane without width", { ...GOOD, places: { "frame/a": place(0, 0, 0) } }],
  ["a pane miles below", { ...GOOD, places: { "frame/a": place(0, 1e9) } }],
  ["a place that is none", { ...GOOD, places: { "frame/a": [0, 0, 6, 6] } }],
])("an arrangement with %s is not understood", (_, json) => {
  expect(() => fromJson(json, "arrangement")).toThrow(/^arrangement\./);
});
