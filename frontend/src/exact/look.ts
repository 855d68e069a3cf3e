/** How values become colours, as `View` of the runner's crate `pixels` has it. Pure. */
import { fullRange, isFloat, type Dtype } from "./dtype";

/** Values shown as black and white; finite, black below white. */
export interface Window {
  black: number;
  white: number;
}

/** Everything between values and colours. RGB has its own: there every channel goes through window, gamma and invert. */
export interface Look {
  window: Window;
  /** Exponent of the display curve, 0.05 to 20. */
  gamma: number;
  /** Name of the colours of grey levels. */
  colormap: string;
  invert: boolean;
  /** `zero` and everything below is blue, `saturated` and everything above is red, whatever the window is. */
  highlight: { zero: number; saturated: number } | null;
}

/** Both finite, and so is what is between them. */
export function windowOf(black: number, white: number): Window | null {
  return black < white && Number.isFinite(white - black) ? { black, white } : null;
}

/**
 * Where light begins and where a detector is full. A range that ends at 2^n - 1 is that of a detector of n bits, and so is
 * one that ends at 2^n - 2, n at least 8, where bipolar converters clip; any other is a producer's taste. Floats have
 * nothing but their range, else 0 and 1.
 */
export function limits(
  dtype: Dtype,
  range: readonly [number, number] | null,
): { zero: number; saturated: number } {
  const [zero, saturated] = fullRange(dtype) ?? [0, 1];
  if (range === null) return { zero, saturated };
  const [min, max] = range;
  if (isFloat(dtype)) return { zero: min, saturated: max };
  const isPower = (value: number) => Number.isInteger(Math.log2(value));
  const isOfBits = (max >= 1 && isPower(max + 1)) || (max >= 254 && isPower(max + 2));
  return { zero, saturated: isOfBits && max < saturated ? max : saturated };
}
