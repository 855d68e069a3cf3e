/** NumPy files, as a recording program would leave them. */
import { writeFileSync } from "node:fs";

/** Type strings of NumPy by the array that holds such values. */
const DESCR = /** @type {const} */ ([
  [Uint8Array, "|u1"],
  [Uint16Array, "<u2"],
  [Int16Array, "<i2"],
  [Float32Array, "<f4"],
]);

/** @typedef {Uint8Array | Uint16Array | Int16Array | Float32Array} Values */

/**
 * Writes an array to a `.npy` of version 1.0, C-contiguous: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @param {string} path
 * @param {readonly number[]} shape
 * @param {Values} values
 * @returns {string} `path`
 */
export function writeNpy(path, shape, values) {
  const descr = DESCR.find(([type]) => values instanceof type)?.[1];
  const size = shape.reduce((product, side) => product * side, 1);
  if (size !== values.length) throw new Error(`${values.length} values are not of shape ${shape}`);
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  // Magic, version and length take 10 bytes; what follows the header begins at a multiple of 64.
  const header = `${dict}${" ".repeat(63 - ((10 + dict.length) % 64))}\n`;
  const start = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${header}`, "latin1");
  start.writeUInt16LE(header.length, 8);
  writeFileSync(
    path,
    Buffer.concat([start, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
  );
  return path;
}

/**
 * Reads a C-contiguous `.npy` of version 1.0.
 *
 * @param {ArrayBuffer} file
 * @returns {{ shape: number[], values: Values }}
 */
export function readNpy(file) {
  const start = 10 + new DataView(file).getUint16(8, true);
  const header = Buffer.from(file, 10, start - 10).toString("latin1");
  const [, descr, order, sides] =
    /'descr': '(.+?)', 'fortran_order': (\w+), 'shape': \((.*?)\)/.exec(header) ?? [];
  const type = DESCR.find(([, name]) => name === descr)?.[0];
  if (type === undefined || order !== "False") throw new Error(`cannot read a .npy of ${header}`);
  const shape = (sides ?? "").split(",").flatMap((side) => (side.trim() === "" ? [] : [Number(side)]));
  return { shape, values: new type(file.slice(start)) };
}
