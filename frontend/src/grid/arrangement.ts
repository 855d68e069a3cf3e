/**
 * Where panes are, in units of a grid: as they share the window by themselves, or as somebody put them. Pure.
 */
import { fail, number, object, type Fields } from "../json";
import { GAP, layout } from "../layout";

/** Column and row of the upper left unit, and how many there are; units of the grid. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** What somebody made of the page. */
export interface Arrangement {
  /** Units that the window is wide. */
  columns: number;
  /** Units that fill its height, which need not be a whole number; what is more scrolls. */
  rows: number;
  /** Of the panes that were ever moved or moved along, by their keys. */
  places: ReadonlyMap<string, Place>;
}

/** What is on the page now. */
export interface Laid {
  columns: number;
  /** Height of a unit, CSS pixels. */
  unitPx: number;
  places: ReadonlyMap<string, Place>;
  /** All are in sight: nothing scrolls. */
  fits: boolean;
}

/** A pane that shares the window by itself is so many units wide and high: it can be moved by parts of itself. */
export const UNITS = 6;
/** Panes get no smaller than this by hand, units. */
export const LEAST = 3;
/** A unit is never lower than this, CSS pixels: a lower window scrolls. */
const LEAST_UNIT_PX = 32;
/** Panes that are remembered, and what their places may be. */
const MOST = 256;
const MOST_UNITS = 4096;

/** Panes share a window of so many CSS pixels; null where they are one below the other, each with its own height. */
export function automatic(keys: readonly string[], width: number, height: number): Laid | null {
  const { columns, fits, rowPx } = layout(keys.length, width - GAP, height - GAP);
  if (columns === 1 && !fits) return null;
  const rows = Math.max(1, Math.ceil(keys.length / columns));
  const place = (index: number): Place => ({
    x: (index % columns) * UNITS,
    y: Math.floor(index / columns) * UNITS,
    w: UNITS,
    h: UNITS,
  });
  return {
    columns: columns * UNITS,
    unitPx: (rowPx === null ? height / rows : rowPx + GAP) / UNITS,
    places: new Map(keys.map((key, index) => [key, place(index)])),
    fits,
  };
}

/** Panes as they were put, in a window of this height, CSS pixels; those that are new where there is room first. */
export function arranged(arrangement: Arrangement, keys: readonly string[], height: number): Laid {
  const { columns, rows } = arrangement;
  const places = new Map<string, Place>();
  for (const key of keys) {
    const place = arrangement.places.get(key);
    if (place !== undefined) places.set(key, place);
  }
  for (const key of keys) {
    if (!places.has(key)) places.set(key, room(columns, [...places.values()]));
  }
  const unitPx = Math.max(LEAST_UNIT_PX, height / rows);
  const bottom = Math.max(0, ...[...places.values()].map(({ y, h }) => y + h));
  return { columns, unitPx, places, fits: bottom * unitPx <= height + 0.5 };
}

/** What is remembered when panes lie so: also where those lay that are not on the page now. */
export function moved(
  before: Arrangement | null,
  { columns, unitPx }: Laid,
  places: ReadonlyMap<string, Place>,
  height: number,
): Arrangement {
  const all = new Map(before?.places);
  for (const [key, place] of places) {
    all.delete(key);
    all.set(key, place);
  }
  return { columns, rows: before?.rows ?? height / unitPx, places: new Map([...all].slice(-MOST)) };
}

/** What a pane is to do: trade places with its neighbour in a direction, or get larger or smaller by a unit. */
export type Step = "left" | "right" | "up" | "down" | "wider" | "narrower" | "taller" | "lower";

/** Where panes are to lie after a step of one of them; they may overlap, and whoever places them makes them give way. */
export function stepped(
  places: ReadonlyMap<string, Place>,
  key: string,
  step: Step,
  columns: number,
): ReadonlyMap<string, Place> {
  const place = places.get(key);
  if (place === undefined) return places;
  const { x, y, w, h } = place;
  const next = new Map(places);
  const to = (moved: Partial<Place>): Place => ({ ...place, ...moved });
  switch (step) {
    case "wider":
      return next.set(key, to({ w: Math.min(columns - x, w + 1) }));
    case "narrower":
      return next.set(key, to({ w: Math.max(Math.min(w, LEAST), w - 1) }));
    case "taller":
      return next.set(key, to({ h: h + 1 }));
    case "lower":
      return next.set(key, to({ h: Math.max(Math.min(h, LEAST), h - 1) }));
  }
  const target = to(
    {
      left: { x: Math.max(0, x - w) },
      right: { x: Math.min(columns - w, x + w) },
      up: { y: Math.max(0, y - h) },
      down: { y: y + h },
    }[step],
  );
  const [neighbour] = [...places]
    .filter(([other, at]) => other !== key && overlap(at, target) && !overlap(at, place))
    .sort(([, a], [, b]) => shared(b, target) - shared(a, target));
  if (neighbour === undefined) return next.set(key, target);
  const [other, at] = neighbour;
  next.set(key, to({ x: Math.min(at.x, columns - w), y: at.y }));
  return next.set(other, { ...at, x: Math.min(x, columns - at.w), y });
}

/** The first place of the usual size that nobody has, row by row. */
function room(columns: number, taken: readonly Place[]): Place {
  const size = Math.min(UNITS, columns);
  for (let y = 0; ; y++) {
    for (let x = 0; x + size <= columns; x++) {
      const place = { x, y, w: size, h: size };
      if (!taken.some((other) => overlap(place, other))) return place;
    }
  }
}

export function overlap(a: Place, b: Place): boolean {
  return shared(a, b) > 0;
}

/** How much two places have in common, units squared. */
function shared(a: Place, b: Place): number {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

export function toJson({ columns, rows, places }: Arrangement): Fields {
  return { columns, rows, places: Object.fromEntries(places) };
}

export function fromJson(json: unknown, path: string): Arrangement {
  const { columns, rows, places } = object(json, path);
  const wide = units(columns, `${path}.columns`, LEAST);
  const high = number(rows, `${path}.rows`);
  if (!(high >= 1 && high <= MOST_UNITS)) fail(`${path}.rows`, `1 to ${MOST_UNITS}`, rows);
  return {
    columns: wide,
    rows: high,
    places: new Map(
      Object.entries(object(places, `${path}.places`))
        .slice(0, MOST)
        .map(([key, place]) => [key, fromPlace(place, `${path}.places.${key}`, wide)]),
    ),
  };
}

function fromPlace(json: unknown, path: string, columns: number): Place {
  const { x, y, w, h } = object(json, path);
  const place = {
    x: units(x, `${path}.x`, 0),
    y: units(y, `${path}.y`, 0),
    w: units(w, `${path}.w`, 1),
    h: units(h, `${path}.h`, 1),
  };
  return place.x + place.w <= columns ? place : fail(`${path}.w`, `at most ${columns - place.x}`, w);
}

function units(json: unknown, path: string, least: number): number {
  const count = number(json, path);
  if (Number.isInteger(count) && count >= least && count <= MOST_UNITS) return count;
  return fail(path, `a whole number from ${least} to ${MOST_UNITS}`, json);
}
