/** The types that pixels are captured in: docs/protocol.md. Elements are little-endian, as is every browser. */

/** By their numbers on `/ws/raw/{id}`. */
const NAMES = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"] as const;
/** NumPy's names. */
export type Dtype = (typeof NAMES)[number];

/** Elements of one frame, as they were captured. */
export type Elements =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

const CLASSES = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** NumPy's typestr, without the byte order. */
const TYPESTRS: Readonly<Record<string, Dtype>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  f4: "float32",
  f8: "float64",
};

/** By its number on the wire; null for one that is not known. */
export function dtypeOf(code: number): Dtype | null {
  return NAMES[code] ?? null;
}

/** By NumPy's typestr, such as `<u2`; null for one that is not known. */
export function dtypeFrom(typestr: string): Dtype | null {
  return /^[<|]/.test(typestr) ? (TYPESTRS[typestr.slice(1)] ?? null) : null;
}

/** Bytes of an element. */
export function bytesOf(dtype: Dtype): number {
  return CLASSES[dtype].BYTES_PER_ELEMENT;
}

export function isFloat(dtype: Dtype): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** Lays elements over a part of a buffer; copies it where it does not begin at a multiple of their size. */
export function elements(dtype: Dtype, buffer: ArrayBuffer, offset: number, count: number): Elements {
  const bytes = count * bytesOf(dtype);
  if (offset % bytesOf(dtype) === 0) return new CLASSES[dtype](buffer, offset, count);
  return new CLASSES[dtype](buffer.slice(offset, offset + bytes));
}

/** All that an integer type can hold; null for floats. */
export function fullRange(dtype: Dtype): readonly [min: number, max: number] | null {
  if (dtype === "bool") return [0, 1];
  if (isFloat(dtype)) return null;
  const bits = 8 * bytesOf(dtype);
  return dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
