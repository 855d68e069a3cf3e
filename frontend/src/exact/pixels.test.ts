import { expect, test } from "vitest";
import { valuesAt, type Pixels } from "./pixels";

/** Columns 4 to 6 and rows 2 to 3 of a frame of 8 x 5, with a value that tells place and channel. */
const part: Pixels = {
  frame: { session: "0000000000000001", seq: 7, captureMs: 0, mediaUs: null },
  size: { width: 8, height: 5 },
  region: { x: 4, y: 2, width: 3, height: 2 },
  factor: 1,
  width: 3,
  height: 2,
  channels: 3,
  dtype: "uint16",
  data: Uint16Array.from({ length: 18 }, (_, i) => 100 * i),
};

test("values are those of the pixel of the frame, one per channel", () => {
  expect(valuesAt(part, 4, 2)).toEqual([0, 100, 200]);
  expect(valuesAt(part, 6, 3)).toEqual([1500, 1600, 1700]);
});

test("what is not there, or not as it was captured, has no value", () => {
  for (const [x, y] of [
    [3, 2],
    [7, 2],
    [4, 1],
    [4, 4],
  ] as const) {
    expect(valuesAt(part, x, y)).toBeNull();
  }
  expect(valuesAt({ ...part, factor: 2 }, 4, 2)).toBeNull();
});
