import { expect, test } from "vitest";
import { interpret, type Press } from "./keys";

const press = (key: string, more: Partial<Press> = {}) =>
  interpret({ key, shiftKey: false, repeat: false, ...more });

test("arrows step one frame, with Shift one second", () => {
  expect(press("ArrowLeft")).toEqual({ type: "step", frames: -1 });
  expect(press("ArrowRight")).toEqual({ type: "step", frames: 1 });
  expect(press("ArrowLeft", { shiftKey: true })).toEqual({ type: "skip", ms: -1000 });
  expect(press("ArrowRight", { shiftKey: true })).toEqual({ type: "skip", ms: 1000 });
});

test("an arrow that is held down goes on, a switch does not flicker", () => {
  expect(press("ArrowRight", { repeat: true })).toEqual({ type: "step", frames: 1 });
  for (const key of [" ", "i", "l", "r", "f", "0", "p", "s"]) expect(press(key, { repeat: true })).toBeNull();
});

test("plus and minus zoom, there and back", () => {
  const [closer, back] = [press("+"), press("-", { repeat: true })];
  if (closer?.type !== "zoom" || back?.type !== "zoom") throw new Error("not a zoom");
  expect(closer.factor).toBeGreaterThan(1);
  expect(closer.factor * back.factor).toBeCloseTo(1, 12);
  // Where plus needs Shift, and where it does not.
  expect(press("+", { shiftKey: true })).toEqual(closer);
  expect(press("=")).toEqual(closer);
});

test.each([
  [" ", "pause or go on"],
  ["l", "live"],
  ["L", "live"],
  ["i", "follow"],
  ["I", "follow"],
  ["r", "reset display"],
  ["0", "show all"],
  ["p", "pick"],
  ["s", "save"],
  ["f", "full screen"],
  ["?", "help"],
  ["Escape", "back"],
])("%j means %s", (key, type) => expect(press(key)).toEqual({ type }));

test("other keys are the browser's", () => {
  for (const key of ["a", "Tab", "Enter", "ArrowUp", "PageDown", "Home"]) expect(press(key)).toBeNull();
});
