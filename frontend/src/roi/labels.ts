/** Where the names of regions are written: near them, in the picture, and not over each other. Pure. */

/** A rectangle of the screen, CSS pixels from the upper left corner of the picture. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Labelled {
  name: string;
  /** What is labelled. */
  area: Area;
  /** Width of its label, CSS pixels. */
  width: number;
}

/** Height of a label, and what lies between it and its region, CSS pixels. */
export const LABEL_PX = 14;
const GAP_PX = 3;

/**
 * Upper left corners of the labels that find room, those that come first before the others. A label stands above its
 * region, or within it where there is no room above.
 */
export function placeLabels(
  labelled: readonly Labelled[],
  picture: { width: number; height: number },
): ReadonlyMap<string, { left: number; top: number }> {
  const taken: Area[] = [];
  const placed = new Map<string, { left: number; top: number }>();
  for (const { name, area, width } of labelled) {
    if (!meet(area, { left: 0, top: 0, ...picture })) continue;
    const above = area.top - GAP_PX - LABEL_PX;
    const left = between(0, area.left, picture.width - width);
    const top = between(0, above < 0 ? area.top + GAP_PX : above, picture.height - LABEL_PX);
    const label = { left, top, width, height: LABEL_PX };
    if (taken.some((other) => meet(other, label))) continue;
    taken.push(label);
    placed.set(name, { left, top });
  }
  return placed;
}

function meet(a: Area, b: Area): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
