/** One pixel of a frame as it was captured: what the runner says of it, and how that is written. */
import { fail, float, list, number, optional, parsed, string, type Parsed } from "../json";
import * as format from "../format";
import type { ShownFrame } from "../video/frame";

/** A pixel of a certain frame. */
export interface Spot {
  /** Of the frame's producer, 16 hexadecimal digits. */
  session: string;
  seq: number;
  /** Column and row, frame pixels. */
  x: number;
  y: number;
}

export interface Pixel extends Spot {
  /** One per channel, as captured. */
  values: readonly number[];
  unit: string | null;
  /** NumPy's name of the type of the values. */
  dtype: string;
}

/** Producer and number of a frame; null while they are not known. */
export function identity(frame: ShownFrame | null): Pick<Spot, "session" | "seq"> | null {
  if (frame === null || frame.session === null || frame.seq === null) return null;
  return { session: frame.session, seq: frame.seq };
}

export function sameSpot(a: Spot, b: Spot | null): boolean {
  return b !== null && a.seq === b.seq && a.session === b.session && a.x === b.x && a.y === b.y;
}

/** Parses the runner's answer, which must be of this very spot. */
export function parsePixel(text: string, spot: Spot): Parsed<Pixel> {
  return parsed(text, (p) => {
    const came = {
      session: string(p["session"], "session"),
      seq: number(p["seq"], "seq"),
      x: number(p["x"], "x"),
      y: number(p["y"], "y"),
    };
    if (!sameSpot(came, spot)) fail("session, seq, x, y", JSON.stringify(spot), came);
    return {
      ...came,
      values: list(p["values"], "values", float),
      unit: optional(p["unit"], "unit", string),
      dtype: string(p["dtype"], "dtype"),
    };
  });
}

/** The values with all their digits, and their unit. */
export function written({ values, unit, dtype }: Pixel): string {
  const texts = values.map((value) => exactly(value, dtype)).join(", ");
  return unit === null || unit === "" ? texts : `${texts} ${unit}`;
}

/** The shortest text that stands for this value and no other of its type. */
function exactly(value: number, dtype: string): string {
  if (!Number.isFinite(value)) return format.value(value, null);
  if (dtype !== "float32") return minus(String(value));
  // Nine digits tell all numbers of 32 bits apart (IEEE 754-2019, 5.12.2).
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return minus(String(rounded));
  }
  return minus(String(Number(value.toPrecision(9))));
}

function minus(text: string): string {
  return text.replaceAll("-", "−");
}
