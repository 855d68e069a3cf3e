/** The colours of grey levels, as the runner has them, for what the page draws beside pictures. Pure. */
import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolateTurbo,
  interpolateViridis,
} from "d3-scale-chromatic";

const gray = (level: number): string => rgb(level, level, level);

const COLOURS: ReadonlyMap<string, (level: number) => string> = new Map(
  Object.entries({
    gray,
    viridis: interpolateViridis,
    magma: interpolateMagma,
    inferno: interpolateInferno,
    plasma: interpolatePlasma,
    cividis: interpolateCividis,
    turbo: interpolateTurbo,
    green: (level: number) => rgb(0, level, 0),
    red: (level: number) => rgb(level, 0, 0),
    hot,
  }),
);

/** Every colormap that the page knows, in the order in which it is offered. */
export const COLORMAPS: readonly string[] = [...COLOURS.keys()];

/** How many colours a strip is made of. */
const STOPS = 24;

/** Colour of a place in the window, 0 (black) to 1 (white), of a picture looked at so. */
export function colour(
  place: number,
  { colormap, gamma, invert }: { colormap: string; gamma: number; invert: boolean },
): string {
  const level = Math.min(1, Math.max(0, place)) ** gamma;
  return (COLOURS.get(colormap) ?? gray)(invert ? 1 - level : level);
}

/** A strip of colours from one place of the page to another, percent of its width, as CSS has it. */
export function strip(
  settings: { colormap: string; gamma: number; invert: boolean },
  from = 0,
  to = 100,
): string {
  const stops = Array.from({ length: STOPS + 1 }, (_, index) => {
    const place = index / STOPS;
    return `${colour(place, settings)} ${(from + place * (to - from)).toFixed(2)}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** As matplotlib's `hot`: red, green and blue rise one after the other, each a straight line. */
function hot(level: number): string {
  const rise = (from: number, to: number) => Math.min(1, Math.max(0, (level - from) / (to - from)));
  return rgb(0.0416 + 0.9584 * rise(0, 0.365079), rise(0.365079, 0.746032), rise(0.746032, 1));
}

function rgb(...channels: [number, number, number]): string {
  return `rgb(${channels.map((channel) => Math.round(channel * 255)).join(", ")})`;
}
