import { expect, test } from "vitest";
import { placement } from "./placement";

const panel = { width: 300, height: 500 };
const view = { width: 1600, height: 900 };
const pane = (left: number, right: number, top = 50, bottom = 850) => ({ left, right, top, bottom });

test("a panel stands to the right of its pane, else to the left", () => {
  expect(placement(pane(10, 800), 86, panel, view)).toEqual({ left: 808, top: 50 });
  expect(placement(pane(800, 1590), 86, panel, view)).toEqual({ left: 492, top: 50 });
});

test("over a pane that fills the window it leaves the head free", () => {
  expect(placement(pane(0, 1600), 86, panel, view)).toEqual({ left: 1292, top: 94 });
});

test("it is never outside of the window", () => {
  expect(placement(pane(10, 800, 700, 1200), 736, panel, view).top).toBe(392);
  expect(placement(pane(0, 280, -300, 100), -264, panel, { width: 290, height: 400 })).toEqual({
    left: 8,
    top: 8,
  });
});
