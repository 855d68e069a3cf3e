/** A region that is being drawn. Places are frame pixels. Pure. */
import { corner, spanned, type Size } from "./geometry";
import type { Box, Point, Shape } from "./shape";

export type Drawing =
  | { type: Box["type"]; from: Point; to: Point; regular: boolean }
  /** `at` is where the next corner would be. */
  | { type: "polygon"; points: readonly Point[]; at: Point };

/** What it would be if it ended now; null for nothing. */
export function shapeOf(drawing: Drawing, frame: Size): Shape | null {
  if (drawing.type !== "polygon")
    return spanned(drawing.type, drawing.from, drawing.to, drawing.regular, frame);
  const { points } = drawing;
  return points.length < 3 ? null : { type: "polygon", points };
}

/** Another corner, unless it lies where the last one does. */
export function extended(points: readonly Point[], at: Point, reach: number, frame: Size): readonly Point[] {
  const last = points.at(-1);
  return last !== undefined && near(last, at, reach) ? points : [...points, corner(at, frame)];
}

export function near([ax, ay]: Point, [bx, by]: Point, reach: number): boolean {
  return Math.hypot(ax - bx, ay - by) <= reach;
}
