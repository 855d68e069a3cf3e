import { expect, test } from "vitest";
import { identity, parsePixel, written, type Pixel } from "./pixel";

const SPOT = { session: "9f86d081884c7d65", seq: 1234, x: 5, y: 7 };

function text(more: object = {}): string {
  return JSON.stringify({
    ...{ run: "1c2d3e4f", stream: "camera", ...SPOT, t_ms: 1.5, values: [1023], unit: null, dtype: "uint16" },
    ...more,
  });
}

function pixel(values: number[], dtype: string, unit: string | null = null): Pixel {
  return { ...SPOT, values, dtype, unit };
}

test("what the runner says of a pixel is read", () => {
  expect(parsePixel(text(), SPOT)).toEqual({ status: "ok", message: pixel([1023], "uint16") });
  expect(parsePixel(text({ values: ["NaN", "-Infinity", 0.25], unit: "V" }), SPOT)).toEqual({
    status: "ok",
    message: pixel([NaN, -Infinity, 0.25], "uint16", "V"),
  });
});

test.each([
  ["another frame", { seq: 1235 }],
  ["another session", { session: "9f86d081884c7d66" }],
  ["another column", { x: 6 }],
  ["another row", { y: 6 }],
  ["no values", { values: null }],
  ["values that are none", { values: ["red"] }],
])("%s is no answer", (_, more) => {
  expect(parsePixel(text(more), SPOT).status).toBe("error");
});

test.each([
  [pixel([65535], "uint16", "counts"), "65535 counts"],
  [pixel([-32768], "int16"), "−32768"],
  [pixel([4294967295], "uint32"), "4294967295"],
  [pixel([12, 34, 56], "uint8"), "12, 34, 56"],
  [pixel([Math.fround(0.1)], "float32", "V"), "0.1 V"],
  [pixel([Math.fround(-1.2345678e-5)], "float32"), "−0.000012345678"],
  [pixel([16777217], "float64"), "16777217"],
  [pixel([0.1 + 0.2], "float64"), "0.30000000000000004"],
  [pixel([NaN, Infinity, -Infinity], "float32"), "NaN, ∞, −∞"],
])("a value is written with all its digits: %#", (given, expected) => {
  expect(written(given)).toBe(expected);
});

test("what is written of 32 bits is that number and no other", () => {
  let seed = 5;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 5000; i++) {
    const value = Math.fround((random() - 0.5) * 10 ** (60 * random() - 30));
    expect(Math.fround(Number(written(pixel([value], "float32")).replaceAll("−", "-")))).toBe(value);
  }
});

test("a frame without a number has no identity yet", () => {
  const frame = { session: "a", seq: 3, captureMs: 1, mediaUs: null };
  expect(identity(frame)).toEqual({ session: "a", seq: 3 });
  expect(identity({ ...frame, seq: null })).toBeNull();
  expect(identity({ ...frame, session: null })).toBeNull();
  expect(identity(null)).toBeNull();
});
