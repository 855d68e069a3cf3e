/** Where regions are and what dragging makes of them. All in frame pixels. Pure. */
import type { Bounds, Box, Point, Polygon, Shape } from "./shape";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Something to drag a region by. */
export interface Handle {
  readonly at: Point;
  /** CSS cursor over it. */
  readonly cursor: string;
}

/** Corners and sides of a box by which it is resized: which edge follows in x and in y, -1 the first, 1 the second. */
const GRIPS = [
  { x: -1, y: -1, cursor: "nwse-resize" },
  { x: 0, y: -1, cursor: "ns-resize" },
  { x: 1, y: -1, cursor: "nesw-resize" },
  { x: 1, y: 0, cursor: "ew-resize" },
  { x: 1, y: 1, cursor: "nwse-resize" },
  { x: 0, y: 1, cursor: "ns-resize" },
  { x: -1, y: 1, cursor: "nesw-resize" },
  { x: -1, y: 0, cursor: "ew-resize" },
] as const;
/** The lower right corner. */
export const LAST_CORNER = 4;

/** Corners of a polygon lie on a grid so fine, parts of a pixel. */
const FINE = 100;

export function boundsOf(shape: Shape): Bounds {
  if (shape.type !== "polygon") return shape;
  const xs = shape.points.map(([x]) => x);
  const ys = shape.points.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Square pixels. */
export function areaOf(shape: Shape): number {
  switch (shape.type) {
    case "rectangle":
      return shape.width * shape.height;
    case "ellipse":
      return (Math.PI / 4) * shape.width * shape.height;
    case "polygon": {
      const twice = sides(shape).reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0);
      return Math.abs(twice) / 2;
    }
  }
}

export function contains(shape: Shape, [x, y]: Point): boolean {
  if (shape.type === "polygon") {
    // A ray to the right crosses the outline an odd number of times.
    return sides(shape).reduce(
      (inside, [[ax, ay], [bx, by]]) =>
        ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax) ? !inside : inside,
      false,
    );
  }
  const { x: left, y: top, width, height } = shape;
  if (shape.type === "rectangle") return x >= left && x <= left + width && y >= top && y <= top + height;
  return Math.hypot((2 * (x - left)) / width - 1, (2 * (y - top)) / height - 1) <= 1;
}

/** Whether the outline is no further away than `reach`. */
export function touches(shape: Shape, [x, y]: Point, reach: number): boolean {
  if (shape.type === "polygon") return sides(shape).some((side) => distance(side, [x, y]) <= reach);
  const wider = (by: number): Box => ({
    type: shape.type,
    x: shape.x - by,
    y: shape.y - by,
    width: shape.width + 2 * by,
    height: shape.height + 2 * by,
  });
  const narrow = wider(-reach);
  const within = narrow.width > 0 && narrow.height > 0 && contains(narrow, [x, y]);
  return contains(wider(reach), [x, y]) && !within;
}

/** What a region is resized by: sides and corners of a box, the corners of a polygon. */
export function handlesOf(shape: Shape): Handle[] {
  if (shape.type === "polygon") return shape.points.map((at) => ({ at, cursor: "move" }));
  const { x, y, width, height } = shape;
  return GRIPS.map((grip) => ({
    at: [x + ((grip.x + 1) * width) / 2, y + ((grip.y + 1) * height) / 2],
    cursor: grip.cursor,
  }));
}

/** A region of which one handle was brought to a place. A box stays one pixel wide and high, and on whole pixels. */
export function resized(shape: Shape, handle: number, to: Point, frame: Size): Shape {
  if (shape.type === "polygon")
    return { ...shape, points: shape.points.map((at, i) => (i === handle ? corner(to, frame) : at)) };
  const grip = GRIPS[handle];
  if (grip === undefined) return shape;
  const [x, width] = edge(shape.x, shape.width, grip.x, to[0], frame.width);
  const [y, height] = edge(shape.y, shape.height, grip.y, to[1], frame.height);
  return { type: shape.type, x, y, width, height };
}

/** Start and length of a side of which one end follows. */
function edge(start: number, length: number, end: -1 | 0 | 1, to: number, most: number): [number, number] {
  const at = Math.round(to);
  if (end === 0) return [start, length];
  if (end === 1) return [start, between(1, at - start, most - start)];
  const moved = between(0, at, start + length - 1);
  return [moved, start + length - moved];
}

/** A region that was shifted by whole pixels, as far as the frame reaches. */
export function moved(shape: Shape, dx: number, dy: number, frame: Size): Shape {
  const bounds = boundsOf(shape);
  const shift = (start: number, length: number, by: number, most: number): number =>
    between(Math.ceil(-start), Math.round(by), Math.floor(most - start - length));
  const x = shift(bounds.x, bounds.width, dx, frame.width);
  const y = shift(bounds.y, bounds.height, dy, frame.height);
  return shape.type === "polygon"
    ? { ...shape, points: shape.points.map(([px, py]) => [fine(px + x), fine(py + y)]) }
    : { ...shape, x: shape.x + x, y: shape.y + y };
}

/** The box between two places, on whole pixels; `regular` makes a square or a circle of it. */
export function spanned(type: Box["type"], from: Point, to: Point, regular: boolean, frame: Size): Box {
  const way: Point = [to[0] - from[0], to[1] - from[1]];
  const longest = Math.max(Math.abs(way[0]), Math.abs(way[1]));
  const side = (axis: 0 | 1, most: number): [number, number] => {
    const room = way[axis] < 0 ? from[axis] : most - from[axis];
    const far = from[axis] + (regular ? Math.sign(way[axis]) * Math.min(longest, room) : way[axis]);
    const start = between(0, Math.round(Math.min(from[axis], far)), most - 1);
    const end = between(start + 1, Math.round(Math.max(from[axis], far)), most);
    return [start, end - start];
  };
  const [x, width] = side(0, frame.width);
  const [y, height] = side(1, frame.height);
  return { type, x, y, width, height };
}

/** A place for the corner of a polygon: in the frame, and no longer than it need be as text. */
export function corner([x, y]: Point, frame: Size): Point {
  return [fine(between(0, x, frame.width)), fine(between(0, y, frame.height))];
}

function fine(value: number): number {
  return Math.round(value * FINE) / FINE;
}

type Side = readonly [Point, Point];

function sides({ points }: Polygon): Side[] {
  return points.map((from, i) => [from, points[(i + 1) % points.length] ?? from]);
}

/** From a place to the nearest of a side. */
function distance([[ax, ay], [bx, by]]: Side, [x, y]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : between(0, ((x - ax) * dx + (y - ay) * dy) / length, 1);
  return Math.hypot(x - ax - part * dx, y - ay - part * dy);
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
