import { expect, test } from "vitest";
import type { Shelf } from "../memory";
import { automatic } from "./arrangement";
import { Grid } from "./grid";

function shelf(text: string | null = null): Shelf {
  let kept = text;
  return { getItem: () => kept, setItem: (_, next) => void (kept = next) };
}

const laid = automatic(["frame/a", "frame/b"], 1400, 840);
if (laid === null) throw new Error("there is room");

test("what was moved, hidden and locked is remembered, and a reset forgets places and what is hidden", () => {
  const here = shelf();
  const grid = new Grid("lab", here);
  expect(grid.changed).toBe(false);
  grid.moved(laid, laid.places, 840);
  grid.hide("frame/b");
  grid.lock(true);
  const again = new Grid("lab", here);
  expect(again.arrangement?.places).toEqual(laid.places);
  expect(again.isHidden("frame/b")).toBe(true);
  expect(again.isHidden("frame/a")).toBe(false);
  expect(again.locked).toBe(true);
  expect(again.changed).toBe(true);
  again.reset();
  expect(new Grid("lab", here).arrangement).toBeNull();
  expect(new Grid("lab", here).isHidden("frame/b")).toBe(false);
});

test("a pane that hides by itself is shown when somebody says so, and hidden when somebody does", () => {
  const here = shelf();
  const grid = new Grid("lab", here);
  expect(grid.isHidden("metric/a.roi", true)).toBe(true);
  grid.show("metric/a.roi");
  expect(new Grid("lab", here).isHidden("metric/a.roi", true)).toBe(false);
  grid.hide("metric/a.roi");
  expect(grid.isHidden("metric/a.roi", true)).toBe(true);
  expect(grid.isHidden("metric/a.roi")).toBe(true);
  grid.reset();
  expect([grid.isHidden("metric/a.roi", true), grid.isHidden("metric/a.roi")]).toEqual([true, false]);
});

test("nothing is hidden while the layout is locked, and everything can be shown", () => {
  const grid = new Grid("lab", null);
  grid.hide("frame/a");
  grid.lock(true);
  grid.hide("frame/b");
  expect(grid.isHidden("frame/b")).toBe(false);
  grid.show("frame/a");
  expect(grid.isHidden("frame/a")).toBe(false);
});

test.each([
  ["an older page kept", '{"version":0,"columns":3}'],
  [
    "is broken",
    '{"version":1,"arrangement":{"columns":12,"rows":12,"places":{"a":null}},"hidden":[],"shown":[],"locked":false}',
  ],
  ["is cut off", '{"version":1,"arrangement":'],
  ["lacks something", '{"version":1,"arrangement":null,"hidden":[],"shown":[]}'],
])("what %s is not there", (_, text) => {
  const grid = new Grid("lab", shelf(text));
  expect(grid.arrangement).toBeNull();
  expect(grid.changed).toBe(false);
  expect(grid.locked).toBe(false);
});
