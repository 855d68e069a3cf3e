import { expect, test } from "vitest";
import type { Trace } from "../store";
import { byUnit } from "./groups";
import { History } from "./history";

const trace = (id: number, unit: string | null): Trace => ({
  series: { id, stream: "host", name: `s${id}`, unit },
  history: new History(),
});

test("series of one unit share an axis and keep their place in the legend", () => {
  const groups = byUnit([trace(1, "%"), trace(2, "B"), trace(3, "%"), trace(4, null), trace(5, "")]);
  expect(groups.map(({ unit, places }) => [unit, places])).toEqual([
    ["%", [0, 2]],
    ["B", [1]],
    [null, [3, 4]],
  ]);
});

test("no series, no axis", () => {
  expect(byUnit([])).toEqual([]);
});
