/**
 * Reads the barcode of docs/barcode.md out of pixels. This file is also given to the page as text,
 * so it stands alone: no imports.
 *
 * @typedef {{ seq: number, tMs: number }} Code `seq`: the frame's number, its low 32 bits;
 *   `tMs`: its capture time, whole ms since the Unix epoch.
 *
 * @typedef {object} Picture
 * @property {ArrayLike<number>} data 0 to 255, row after row; only the upper half of the picture is read.
 * @property {number} width Pixels.
 * @property {number} height Pixels, of the whole picture.
 * @property {number} stride Numbers from one pixel to the next; the first of each is its grey level.
 */

const COLUMNS = 18;
const ROWS = 8;
/** Black and white that differ by less carry no code. */
const LEAST_CONTRAST = 40;

/**
 * The code in a picture, or null where there is none or it does not check.
 *
 * @param {Picture} picture
 * @returns {Code | null}
 */
export function decode(picture) {
  /** @type {number[][]} */
  const levels = [];
  for (let row = 0; row < ROWS; row++) {
    levels.push(Array.from({ length: COLUMNS }, (_, column) => level(picture, row, column)));
  }
  const threshold = borderThreshold(levels);
  if (threshold === null) return null;

  const bytes = new Array(12).fill(0);
  for (let bit = 0; bit < 96; bit++) {
    const white = (levels[1 + Math.floor(bit / 16)]?.[1 + (bit % 16)] ?? 0) > threshold;
    if (white) bytes[bit >> 3] |= 0x80 >> (bit & 7);
  }
  if (crc16(bytes.slice(0, 10)) !== bytes[10] * 256 + bytes[11]) return null;
  // Not by shifting: 48 bits are too many for it.
  const number = (/** @type {number[]} */ part) => part.reduce((sum, byte) => sum * 256 + byte, 0);
  return { seq: number(bytes.slice(0, 4)), tMs: number(bytes.slice(4, 10)) };
}

/**
 * Mean of the middle of a block.
 *
 * @param {Picture} picture
 * @param {number} row
 * @param {number} column
 */
function level({ data, width, height, stride }, row, column) {
  const blockWidth = width / COLUMNS;
  const blockHeight = height / (2 * ROWS);
  const fromX = Math.floor((column + 0.3) * blockWidth);
  const toX = Math.max(fromX + 1, Math.ceil((column + 0.7) * blockWidth));
  const fromY = Math.floor((row + 0.3) * blockHeight);
  const toY = Math.max(fromY + 1, Math.ceil((row + 0.7) * blockHeight));
  let sum = 0;
  for (let y = fromY; y < toY; y++) {
    for (let x = fromX; x < toX; x++) sum += data[(y * width + x) * stride] ?? 0;
  }
  return sum / ((toX - fromX) * (toY - fromY));
}

/**
 * Halfway between black and white of the border, or null where the border is not one.
 *
 * @param {number[][]} levels
 */
function borderThreshold(levels) {
  /** @type {number[]} */
  const white = [];
  /** @type {number[]} */
  const black = [];
  levels.forEach((row, r) =>
    row.forEach((value, c) => {
      if (r === 0) (c % 2 === 0 ? white : black).push(value);
      else if (c === 0) white.push(value);
      else if (c === COLUMNS - 1) black.push(value);
      else if (r === ROWS - 1) white.push(value);
    }),
  );
  const mean = (/** @type {number[]} */ values) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [high, low] = [mean(white), mean(black)];
  const threshold = (high + low) / 2;
  const clear = white.every((v) => v > threshold) && black.every((v) => v < threshold);
  return high - low >= LEAST_CONTRAST && clear ? threshold : null;
}

/**
 * CRC-16/IBM-3740.
 *
 * @param {number[]} bytes
 */
export function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
