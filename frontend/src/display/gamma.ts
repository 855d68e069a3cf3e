/** A slider on which a gamma and its inverse are as far from 1. Pure. */

/** What the runner takes. */
const LEAST = 0.05;
const MOST = 20;
/** So near to the middle of the slider means 1, decades. */
const MIDDLE = 0.025;

/** Decades. */
export const GAMMA_SLIDER = { min: Math.log10(LEAST), max: Math.log10(MOST), step: "any" } as const;

export function toSlider(gamma: number): number {
  return Math.log10(Math.min(MOST, Math.max(LEAST, gamma)));
}

/** A gamma of three digits. */
export function fromSlider(decades: number): number {
  if (Math.abs(decades) < MIDDLE) return 1;
  return Math.min(MOST, Math.max(LEAST, Number((10 ** decades).toPrecision(3))));
}
