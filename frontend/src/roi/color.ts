/** Which colour a region has: on the picture, in lists and of its line in a chart. Pure. */
import { HUES } from "../metrics/look";

/** The place of the whole frame among the colours; no region has it. */
export const FRAME_PLACE = HUES - 1;
const PLACES = FRAME_PLACE;

/**
 * A place among the colours for each of these names. It depends on the name: `roi3` has the third, so that a region
 * keeps its colour when others go; one that is taken makes way to the next, as long as there are others.
 */
export function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Array<number>(PLACES).fill(0);
  const places = new Map<string, number>();
  for (const name of names) {
    const most = Math.floor(places.size / PLACES);
    let place = wanted(name);
    while ((taken[place] ?? 0) > most) place = (place + 1) % PLACES;
    taken[place] = (taken[place] ?? 0) + 1;
    places.set(name, place);
  }
  return places;
}

/** By its number, or whatever its letters add up to. */
function wanted(name: string): number {
  const number = /\d{1,9}$/.exec(name)?.[0];
  if (number !== undefined && Number(number) > 0) return (Number(number) - 1) % PLACES;
  return Array.from(name).reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 65_521, 7) % PLACES;
}
