/** What of the regions is under a place of the frame. Pure. */
import { areaOf, boundsOf, contains, handlesOf, touches } from "./geometry";
import type { Point, Roi } from "./shape";

export type Hit =
  | { type: "handle"; name: string; handle: number; cursor: string }
  /** Within a region or on its outline. */
  | { type: "body"; name: string };

/**
 * A handle of the selected region before everything, then that region, then the smallest. `reach` is how far away a
 * line or a handle may be, frame pixels.
 */
export function hit(rois: readonly Roi[], selected: string | null, at: Point, reach: number): Hit | null {
  const chosen = rois.find(({ name }) => name === selected);
  if (chosen !== undefined) {
    const found = handleAt(chosen, at, reach);
    if (found !== null) return found;
    if (covers(chosen, at, reach)) return { type: "body", name: chosen.name };
  }
  const [smallest] = rois
    .filter((roi) => covers(roi, at, reach))
    .sort((a, b) => areaOf(a.shape) - areaOf(b.shape));
  return smallest === undefined ? null : { type: "body", name: smallest.name };
}

function covers({ shape }: Roi, at: Point, reach: number): boolean {
  return contains(shape, at) || touches(shape, at, reach);
}

/** The nearest handle in reach. Within a small region they leave room to take hold of the region itself. */
function handleAt({ name, shape }: Roi, at: Point, reach: number): Hit | null {
  const { width, height } = boundsOf(shape);
  const limit = contains(shape, at) ? Math.min(reach, width / 4, height / 4) : reach;
  let nearest: Hit | null = null;
  let away = limit;
  handlesOf(shape).forEach(({ at: [x, y], cursor }, handle) => {
    const distance = Math.hypot(at[0] - x, at[1] - y);
    if (distance > away) return;
    away = distance;
    nearest = { type: "handle", name, handle, cursor };
  });
  return nearest;
}
