import { expect, test } from "vitest";
import type { Trace } from "../store";
import { byUnit } from "./groups";
import { History } from "./history";

const trace = (id: number, unit: string | null): Trace => ({
  series: { id, stream: "host", name: `s${id}`, unit },
  history: new History(),
});

test("series of one unit share an axis and keep their places among the colours", () => {
  const traces = [trace(1, "%"), trace(2, "B"), trace(3, "%"), trace(4, null), trace(5, "")];
  const groups = byUnit(traces, [0, 1, 2, 15, 4]);
  expect(groups.map(({ unit, places }) => [unit, places])).toEqual([
    ["%", [0, 2]],
    ["B", [1]],
    [null, [15, 4]],
  ]);
});

test("no series, no axis", () => {
  expect(byUnit([], [])).toEqual([]);
});
