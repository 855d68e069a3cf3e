/** Reads a `.npy` file of a frame, as the runner writes it: docs/protocol.md, section 3. */
import { attempt, fail, type Parsed } from "../json";
import { bytesOf, dtypeFrom, elements, type Dtype, type Elements } from "./dtype";

export interface Npy {
  /** `[h, w]` or `[h, w, c]`. */
  shape: number[];
  dtype: Dtype;
  data: Elements;
}

/** Magic, version and length of the header: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const PRELUDE = 10;
const MAGIC = "\x93NUMPY\x01\x00";

/** Parses version 1.0 of C-contiguous, little-endian elements. The result looks into `buffer` where it can. */
export function parseNpy(buffer: ArrayBuffer): Parsed<Npy> {
  return attempt(() => {
    if (buffer.byteLength < PRELUDE) fail("npy", `at least ${PRELUDE} bytes`, buffer.byteLength);
    const latin1 = (from: number, to: number) =>
      String.fromCharCode(...new Uint8Array(buffer.slice(from, to)));
    if (latin1(0, MAGIC.length) !== MAGIC) fail("npy", "version 1.0", latin1(0, MAGIC.length));
    const start = PRELUDE + new DataView(buffer).getUint16(8, true);
    const header = latin1(PRELUDE, Math.min(start, buffer.byteLength));
    const typestr = /'descr': '([^']{1,8})'/.exec(header)?.[1] ?? "";
    const dtype = dtypeFrom(typestr) ?? fail("npy.descr", "one that is little-endian", typestr);
    if (!header.includes("'fortran_order': False")) fail("npy.fortran_order", "False", header);
    const dims = /'shape': \(([\d, ]{1,40})\)/.exec(header)?.[1] ?? fail("npy.shape", "numbers", header);
    const shape = dims.split(",").flatMap((text) => (text.trim() === "" ? [] : [Number(text)]));
    const count = shape.reduce((product, n) => product * n, 1);
    const came = buffer.byteLength - start;
    if (came !== count * bytesOf(dtype)) fail("npy", `${count * bytesOf(dtype)} bytes of elements`, came);
    return { shape, dtype, data: elements(dtype, buffer, start, count) };
  });
}
