import { expect, test } from "vitest";
import { scale } from "./scale";

test("the bar is as long on the screen as it says", () => {
  let seed = 11;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const metres: Record<string, number> = { pm: 1e-12, nm: 1e-9, µm: 1e-6, mm: 1e-3, m: 1, km: 1e3 };
  for (let i = 0; i < 2000; i++) {
    const size = 10 ** (8 * random() - 4);
    const magnification = 10 ** (3 * random() - 1.5);
    const { length, unit, px } = scale(size, "µm", magnification, 120);
    expect((length * (metres[unit] ?? NaN)) / 1e-6).toBeCloseTo((px / magnification) * size, 6);
    expect(px).toBeLessThanOrEqual(120.001);
    expect(px).toBeGreaterThan(47);
    const digits = length / 10 ** Math.floor(Math.log10(length) + 1e-9);
    expect([1, 2, 5].some((digit) => Math.abs(digits - digit) < 1e-9)).toBe(true);
    expect(length).toBeGreaterThanOrEqual(1);
  }
});

test.each([
  [0.5, "µm", 1, { length: 50, unit: "µm", px: 100 }],
  [0.5, "µm", 64, { length: 500, unit: "nm", px: 64 }],
  [25, "µm", 0.5, { length: 5, unit: "mm", px: 100 }],
  [1, "um", 1, { length: 100, unit: "µm", px: 100 }],
  [0.01, "μm", 1, { length: 1, unit: "µm", px: 100 }],
  [0.3, "deg", 1, { length: 20, unit: "deg", px: 200 / 3 }],
  [0.003, "deg", 1, { length: 0.2, unit: "deg", px: 200 / 3 }],
])("a pixel of %d %s at %d", (size, unit, magnification, expected) => {
  const { px, ...rest } = scale(size, unit, magnification, 100);
  expect({ ...rest, px: Number(px.toFixed(6)) }).toEqual({ ...expected, px: Number(expected.px.toFixed(6)) });
});
