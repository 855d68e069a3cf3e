import { expect, test } from "vitest";
import { fromSlider, GAMMA_SLIDER, toSlider } from "./gamma";

test("what the slider says is what it shows", () => {
  for (const gamma of [0.05, 0.45, 1, 2.2, 20]) expect(fromSlider(toSlider(gamma))).toBe(gamma);
});

test("the ends are what the runner takes, and the middle is easily hit", () => {
  expect(fromSlider(GAMMA_SLIDER.min - 1)).toBe(0.05);
  expect(fromSlider(GAMMA_SLIDER.max + 1)).toBe(20);
  expect(fromSlider(0.02)).toBe(1);
  expect(fromSlider(-0.02)).toBe(1);
  expect(toSlider(1000)).toBe(GAMMA_SLIDER.max);
});
