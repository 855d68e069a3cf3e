/** The outline of a region as an SVG path. Pure. */
import type { Point, Shape } from "./shape";

/** Takes a place of the frame to one of the screen; upright and without distortion. */
export type Project = (x: number, y: number) => { left: number; top: number };

export function outline(shape: Shape, project: Project): string {
  if (shape.type === "polygon") return line(shape.points, project, true);
  const { left, top } = project(shape.x, shape.y);
  const { left: right, top: bottom } = project(shape.x + shape.width, shape.y + shape.height);
  if (shape.type === "rectangle") return `M${left} ${top}H${right}V${bottom}H${left}Z`;
  const [rx, ry] = [(right - left) / 2, (bottom - top) / 2];
  const middle = (top + bottom) / 2;
  return `M${left} ${middle}A${rx} ${ry} 0 1 1 ${right} ${middle}A${rx} ${ry} 0 1 1 ${left} ${middle}Z`;
}

/** Straight from place to place, and back to the first if it is closed. */
export function line(points: readonly Point[], project: Project, closed: boolean): string {
  const places = points.map(([x, y]) => project(x, y));
  return `M${places.map(({ left, top }) => `${left} ${top}`).join("L")}${closed ? "Z" : ""}`;
}
