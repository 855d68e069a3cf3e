/** How long a bar is that says how large things are. */

export interface Scale {
  /** 1, 2 or 5 times a power of ten, in `unit`. */
  length: number;
  unit: string;
  /** As long on the screen, CSS pixels. */
  px: number;
}

/** Metres by the names they go by; other units are left as they are. */
const METRES: readonly (readonly [string, number])[] = [
  ["pm", 1e-12],
  ["nm", 1e-9],
  ["µm", 1e-6],
  ["mm", 1e-3],
  ["m", 1],
  ["km", 1e3],
];
/** Other spellings: with the Greek letter instead of the sign, without either, by name. */
const SPELLINGS: Readonly<Record<string, string>> = { μm: "µm", um: "µm", micron: "µm", microns: "µm" };

/**
 * The longest round length that is drawn no longer than `mostPx`. A pixel of the frame is `size` `unit` wide, and
 * `magnification` CSS pixels on the screen.
 */
export function scale(size: number, unit: string, magnification: number, mostPx: number): Scale {
  const named = SPELLINGS[unit] ?? unit;
  const perPx = size / magnification;
  const metres = METRES.find(([name]) => name === named)?.[1];
  if (metres === undefined) {
    const length = round(perPx * mostPx);
    return { length, unit: named, px: length / perPx };
  }
  // In the largest unit of which there is a whole one.
  const longest = round(perPx * mostPx * metres);
  const [name, factor] = METRES.findLast(([, metres]) => longest >= metres * (1 - 1e-9)) ?? ["pm", 1e-12];
  const length = round((perPx * mostPx * metres) / factor);
  return { length, unit: name, px: (length * factor) / metres / perPx };
}

/** The largest of 1, 2 and 5 times a power of ten that is not above this. */
function round(value: number): number {
  const power = Math.floor(Math.log10(value) + 1e-12);
  const digit = value / 10 ** power;
  const one = digit >= 5 * (1 - 1e-9) ? 5 : digit >= 2 * (1 - 1e-9) ? 2 : 1;
  // Not by a negative power: 5 / 10 is 0.5, and 5 * 0.1 need not be.
  return power < 0 ? one / 10 ** -power : one * 10 ** power;
}
