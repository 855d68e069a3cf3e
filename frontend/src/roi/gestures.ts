/** What pointers and keys do to the regions of one picture. Knows no elements: places are frame pixels. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { extended, near, shapeOf, type Drawing } from "./drawing";
import { boundsOf, LAST_CORNER, moved, resized, type Size } from "./geometry";
import { hit, type Hit } from "./hit";
import type { Point, Roi, Shape } from "./shape";
import type { Tool } from "./tool";

/** Where a pointer is, and what with. */
export interface Pointer {
  at: Point;
  /** How many frame pixels there are to a CSS pixel. */
  scale: number;
  touch: boolean;
  /** With Shift: squares and circles. */
  regular: boolean;
}

export interface World {
  tool(): Tool;
  frame(): Size;
  rois(): readonly Roi[];
  /** Name of the region that is selected in this picture. */
  selected(): string | null;
  select(name: string | null): void;
  add(shape: Shape): void;
  change(name: string, shape: Shape): void;
  remove(name: string): void;
}

/** A region is taken hold of from this far away, CSS pixels. */
const REACH = { mouse: 6, touch: 18 };
/** A pointer that moved no further than this between down and up clicked, CSS pixels. */
const STILL = 4;
/** By how much a key moves, pixels. */
const NUDGE = { step: 1, leap: 10 };

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A region that follows the pointer: as it was, and what is dragged of it. */
interface Drag {
  name: string;
  before: Shape;
  from: Point;
  /** Null: all of it. */
  handle: number | null;
}

export class Gestures {
  private readonly drawn = signal<Drawing | null>(null);
  private readonly under = signal<Hit | null>(null);
  private drag: Drag | null = null;
  /** A press that selects what is under it, if it stays a click. */
  private click: { at: Point; name: string | null } | null = null;

  constructor(private readonly world: World) {}

  get drawing(): ReadonlySignal<Drawing | null> {
    return this.drawn;
  }

  /** What would be taken hold of. */
  get over(): ReadonlySignal<Hit | null> {
    return this.under;
  }

  /** A pointer went down; false if that is none of the regions' business, or will turn out to be a click. */
  press(pointer: Pointer): boolean {
    const { world } = this;
    const { at } = pointer;
    const tool = world.tool();
    this.click = null;
    if (tool === "polygon" && this.corner(pointer)) return true;
    const found = this.hit(pointer);
    const held = found !== null && found.name === world.selected();
    if (found !== null && held && (tool === "pointer" || found.type === "handle")) {
      const before = this.shapeOf(found.name);
      if (before === null) return false;
      this.drag = {
        name: found.name,
        before,
        from: at,
        handle: found.type === "handle" ? found.handle : null,
      };
      return true;
    }
    if (tool === "pointer") {
      this.click = { at, name: found?.name ?? null };
      return false;
    }
    world.select(null);
    this.drawn.value =
      tool === "polygon"
        ? { type: tool, points: extended([], at, 0, world.frame()), at }
        : { type: tool, from: at, to: at, regular: pointer.regular };
    return true;
  }

  move(pointer: Pointer): void {
    const { at, scale, regular } = pointer;
    const drawing = this.drawn.peek();
    const { drag, world } = this;
    if (drag !== null) world.change(drag.name, this.dragged(drag, at));
    else if (drawing === null) this.look(pointer);
    else this.drawn.value = drawing.type === "polygon" ? { ...drawing, at } : { ...drawing, to: at, regular };
    if (this.click !== null && !near(this.click.at, at, STILL * scale)) this.click = null;
  }

  release(pointer: Pointer): void {
    this.move(pointer);
    if (this.click !== null) this.world.select(this.click.name);
    this.click = this.drag = null;
    const drawing = this.drawn.peek();
    if (drawing === null || drawing.type === "polygon") return;
    if (near(drawing.from, drawing.to, STILL * pointer.scale)) this.drawn.value = null;
    else this.finish();
  }

  leave(): void {
    this.under.value = null;
  }

  /** What is drawn is done, if there is enough of it; false when nothing is drawn. */
  finish(): boolean {
    const drawing = this.drawn.peek();
    if (drawing === null) return false;
    const shape = shapeOf(drawing, this.world.frame());
    // Two corners may still become three; one is a slip.
    if (shape === null && drawing.type === "polygon" && drawing.points.length > 1) return true;
    this.drawn.value = null;
    if (shape !== null) this.world.add(shape);
    return true;
  }

  /** Takes back what is being drawn or dragged; false when nothing was. */
  cancel(): boolean {
    const { drag } = this;
    if (drag !== null) this.world.change(drag.name, drag.before);
    const busy = drag !== null || this.drawn.peek() !== null;
    this.drag = this.click = null;
    this.drawn.value = null;
    return busy;
  }

  /** A key, with whatever else is held; false if it means nothing to the regions. */
  key(
    { key, shiftKey, altKey }: Pick<KeyboardEvent, "key" | "shiftKey" | "altKey">,
    focused: boolean,
  ): boolean {
    const drawing = this.drawn.peek();
    const name = this.world.selected();
    switch (key) {
      case "Escape":
        if (this.cancel()) return true;
        if (name !== null) this.world.select(null);
        return name !== null;
      case "Enter":
        return this.finish();
      case "Delete":
      case "Backspace":
        if (drawing?.type === "polygon") {
          const points = drawing.points.slice(0, -1);
          this.drawn.value = points.length === 0 ? null : { ...drawing, points };
          return true;
        }
        if (name !== null) this.world.remove(name);
        return name !== null;
      default: {
        const way = ARROWS[key];
        const shape = name === null || !focused ? null : this.shapeOf(name);
        if (way === undefined || name === null || shape === null) return false;
        this.world.change(name, this.nudged(shape, way, shiftKey ? NUDGE.leap : NUDGE.step, altKey));
        return true;
      }
    }
  }

  /** Moves all of a region, or its right and lower edges. */
  private nudged(shape: Shape, [x, y]: Point, by: number, edges: boolean): Shape {
    const frame = this.world.frame();
    if (!edges || shape.type === "polygon") return moved(shape, x * by, y * by, frame);
    const { x: left, y: top, width, height } = boundsOf(shape);
    return resized(shape, LAST_CORNER, [left + width + x * by, top + height + y * by], frame);
  }

  private dragged({ before, from, handle }: Drag, at: Point): Shape {
    const frame = this.world.frame();
    return handle === null
      ? moved(before, at[0] - from[0], at[1] - from[1], frame)
      : resized(before, handle, at, frame);
  }

  /** One more corner of the polygon that is drawn, or its end; false when none is. */
  private corner({ at, scale, touch }: Pointer): boolean {
    const drawing = this.drawn.peek();
    if (drawing?.type !== "polygon") return false;
    const reach = scale * (touch ? REACH.touch : REACH.mouse);
    const [first] = drawing.points;
    if (first !== undefined && drawing.points.length > 2 && near(first, at, reach)) return this.finish();
    const points = extended(drawing.points, at, STILL * scale, this.world.frame());
    this.drawn.value = { ...drawing, points, at };
    return true;
  }

  /** Who listens hears of changes only. */
  private look(pointer: Pointer): void {
    const found = this.hit(pointer);
    const before = this.under.peek();
    const grip = (hit: Hit | null) => (hit?.type === "handle" ? hit.handle : null);
    if (found?.name !== before?.name || grip(found) !== grip(before)) this.under.value = found;
  }

  private hit({ at, scale, touch }: Pointer): Hit | null {
    return hit(this.world.rois(), this.world.selected(), at, scale * (touch ? REACH.touch : REACH.mouse));
  }

  private shapeOf(name: string): Shape | null {
    return this.world.rois().find((roi) => roi.name === name)?.shape ?? null;
  }
}
