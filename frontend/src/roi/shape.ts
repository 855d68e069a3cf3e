/**
 * Regions of interest of a frame stream, as the runner has them: docs/protocol.md. Coordinates are frame pixels from
 * the outer corner of the first one; a region holds the pixels whose centres are in it. Pure.
 */
import { fail, list, number, object, oneOf, parsed, string, type Parsed } from "../json";

export type Point = readonly [x: number, y: number];

/** An upright rectangle. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box extends Bounds {
  readonly type: "rectangle" | "ellipse";
}

/** Closed; the last corner is joined to the first. */
export interface Polygon {
  readonly type: "polygon";
  readonly points: readonly Point[];
}

export type Shape = Box | Polygon;

export interface Roi {
  /** Unique in its stream. */
  readonly name: string;
  readonly shape: Shape;
}

/** All regions of a stream; the number grows with every change. */
export interface RoiList {
  revision: number;
  rois: Roi[];
}

const TYPES = ["rectangle", "ellipse", "polygon"] as const;

export function parseList(text: string): Parsed<RoiList> {
  return parsed(text, (fields) => ({
    revision: number(fields["revision"], "revision"),
    rois: list(fields["rois"], "rois", roi),
  }));
}

export function parseRoi(text: string): Parsed<Roi> {
  return parsed(text, (fields) => roi(fields, "roi"));
}

/** Regions that were saved: what the runner answers when it is asked for all of them, or any object with `rois`. */
export function parseFile(text: string): Parsed<Roi[]> {
  return parsed(text, (fields) => list(fields["rois"], "rois", roi));
}

function roi(json: unknown, path: string): Roi {
  const r = object(json, path);
  return { name: string(r["name"], `${path}.name`), shape: shape(r["shape"], `${path}.shape`) };
}

function shape(json: unknown, path: string): Shape {
  const s = object(json, path);
  const type = oneOf(TYPES, s["type"], `${path}.type`);
  if (type === "polygon") return { type, points: list(s["points"], `${path}.points`, point) };
  const at = (key: keyof Bounds) => number(s[key], `${path}.${key}`);
  return { type, x: at("x"), y: at("y"), width: at("width"), height: at("height") };
}

function point(json: unknown, path: string): Point {
  const [x, y, ...more] = list(json, path, number);
  if (x === undefined || y === undefined || more.length > 0) return fail(path, "[x, y]", json);
  return [x, y];
}

/** The first of `roi1`, `roi2`, … that is not taken. */
export function freeName(taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`roi${number}`)) number++;
  return `roi${number}`;
}
