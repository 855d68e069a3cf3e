import assert from "node:assert/strict";
import { test } from "node:test";
import { crc16, decode } from "./barcode.js";

/** The example of docs/barcode.md; `#` is white. */
const EXAMPLE = `
#.#.#.#.#.#.#.#.#.
#.....###.#.##.##.
###..##.#...#.#.#.
#.......##..##..#.
###..#.....#.##...
###.......####.##.
#..##...##...#....
#################.`
  .trim()
  .split("\n");

/**
 * Paints a code as the document says, over a picture of one grey.
 *
 * @param {{ rows?: string[], width?: number, height?: number, stride?: number, black?: number, white?: number }} options
 */
function paint({ rows = EXAMPLE, width = 144, height = 128, stride = 1, black = 0, white = 255 } = {}) {
  const data = new Uint8ClampedArray(width * height * stride).fill(128);
  for (let y = 0; y < Math.floor(height / 2); y++) {
    for (let x = 0; x < width; x++) {
      const block = rows[Math.floor((y * 16) / height)]?.[Math.floor((x * 18) / width)];
      data[(y * width + x) * stride] = block === "#" ? white : black;
    }
  }
  return { data, width, height, stride };
}

/** @param {number} row @param {number} column */
function flipped(row, column) {
  return EXAMPLE.map((line, r) =>
    r === row ? [...line].map((c, i) => (i !== column ? c : c === "#" ? "." : "#")).join("") : line,
  );
}

test("the documented example reads as documented", () => {
  assert.deepEqual(decode(paint()), { seq: 123456789, tMs: 1760000000123 });
});

test("size, scale, pixel layout and contrast do not matter", () => {
  for (const options of [
    { width: 512, height: 512 },
    { width: 131, height: 97 },
    { width: 1920, height: 1080, stride: 4 },
    { black: 16, white: 235 },
    { black: 100, white: 145 },
  ]) {
    assert.equal(decode(paint(options))?.seq, 123456789, JSON.stringify(options));
  }
});

test("noise of a codec does not matter", () => {
  const picture = paint({ width: 512, height: 512 });
  let state = 1;
  for (let i = 0; i < picture.data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    picture.data[i] = (picture.data[i] ?? 0) + (state % 121) - 60;
  }
  assert.equal(decode(picture)?.seq, 123456789);
});

test("one wrong bit is not a number", () => {
  for (const row of [1, 2, 3, 4, 5, 6]) assert.equal(decode(paint({ rows: flipped(row, 9) })), null);
});

test("a picture without the border, too flat or upside down carries no code", () => {
  assert.equal(decode(paint({ rows: flipped(0, 4) })), null);
  assert.equal(decode(paint({ rows: flipped(5, 17) })), null);
  assert.equal(decode(paint({ black: 100, white: 139 })), null);
  assert.equal(decode(paint({ rows: [...EXAMPLE].reverse() })), null);
  assert.equal(decode(paint({ rows: [] })), null);
});

test("the checksum is CRC-16/IBM-3740", () => {
  assert.equal(crc16([..."123456789"].map((c) => c.charCodeAt(0))), 0x29b1);
});
