import { beforeEach, describe, expect, test } from "vitest";
import { Gestures, type Pointer } from "./gestures";
import type { Point, Roi, Shape } from "./shape";
import type { Tool } from "./tool";

const FRAME = { width: 200, height: 100 };

let tool: Tool;
let rois: Roi[];
let selected: string | null;
let gestures: Gestures;

beforeEach(() => {
  tool = "pointer";
  selected = null;
  rois = [{ name: "a", shape: { type: "rectangle", x: 20, y: 20, width: 40, height: 40 } }];
  gestures = new Gestures({
    tool: () => tool,
    frame: () => FRAME,
    rois: () => rois,
    selected: () => selected,
    select: (name) => (selected = name),
    add: (shape) => rois.push({ name: `new${rois.length}`, shape }),
    change: (name, shape) => (rois = rois.map((roi) => (roi.name === name ? { name, shape } : roi))),
    remove: (name) => (rois = rois.filter((roi) => roi.name !== name)),
  });
});

const pointer = (at: Point, more: Partial<Pointer> = {}): Pointer => ({
  at,
  scale: 0.5,
  touch: false,
  regular: false,
  ...more,
});
const key = (name: string, held: { shiftKey?: boolean; altKey?: boolean } = {}, focused = false) =>
  gestures.key({ key: name, shiftKey: false, altKey: false, ...held }, focused);
/** Whether the press was theirs. */
function drag(from: Point, to: Point, more: Partial<Pointer> = {}): boolean {
  const theirs = gestures.press(pointer(from, more));
  gestures.move(pointer([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], more));
  gestures.move(pointer(to, more));
  gestures.release(pointer(to, more));
  return theirs;
}
const click = (at: Point): boolean => drag(at, at);
const shape = (name: string): Shape | undefined => rois.find((roi) => roi.name === name)?.shape;

describe("drawing", () => {
  test("a drag makes a box", () => {
    tool = "ellipse";
    expect(drag([100, 10], [150.4, 40])).toBe(true);
    expect(shape("new1")).toEqual({ type: "ellipse", x: 100, y: 10, width: 50, height: 30 });
    expect(gestures.drawing.value).toBeNull();
  });

  test("what hardly moved is nothing", () => {
    tool = "rectangle";
    drag([100, 10], [101, 11]);
    expect(rois).toHaveLength(1);
    expect(gestures.drawing.value).toBeNull();
  });

  test("begins also over a region, but for the handles of the selected one", () => {
    tool = "rectangle";
    drag([30, 30], [50, 50]);
    expect(shape("new1")).toEqual({ type: "rectangle", x: 30, y: 30, width: 20, height: 20 });
    selected = "a";
    drag([60, 60], [70, 80]);
    expect(shape("a")).toMatchObject({ width: 50, height: 60 });
    expect(rois).toHaveLength(2);
  });

  test("Escape takes it back", () => {
    tool = "rectangle";
    gestures.press(pointer([100, 10]));
    gestures.move(pointer([150, 40]));
    expect(gestures.drawing.value).not.toBeNull();
    expect(key("Escape")).toBe(true);
    gestures.release(pointer([160, 50]));
    expect(rois).toHaveLength(1);
    expect(key("Escape")).toBe(false);
  });
});

describe("a polygon", () => {
  beforeEach(() => {
    tool = "polygon";
    click([100, 10]);
    click([150, 10]);
  });

  test("is clicked corner after corner, until Enter", () => {
    expect(key("Enter")).toBe(true);
    expect(rois).toHaveLength(1);
    click([150, 60.126]);
    gestures.move(pointer([180, 90]));
    expect(key("Enter")).toBe(true);
    expect(shape("new1")).toEqual({
      type: "polygon",
      points: [
        [100, 10],
        [150, 10],
        [150, 60.13],
      ],
    });
    expect(key("Enter")).toBe(false);
  });

  test("ends at its first corner, and at a double click", () => {
    click([150, 60]);
    click([101, 11]);
    expect(shape("new1")).toMatchObject({ points: { length: 3 } });
    for (const at of [
      [10, 80],
      [60, 80],
      [60, 99],
      [60, 99],
    ] as const)
      click(at);
    gestures.finish();
    expect(shape("new2")).toMatchObject({ points: { length: 3 } });
  });

  test("Backspace takes the last corner back", () => {
    expect(key("Backspace")).toBe(true);
    expect(gestures.drawing.value).toMatchObject({ points: [[100, 10]] });
    key("Backspace");
    expect(gestures.drawing.value).toBeNull();
    expect(rois).toHaveLength(1);
  });

  test("has its corners in the frame", () => {
    click([300, 300]);
    key("Enter");
    expect(shape("new1")).toMatchObject({ points: { 2: [200, 100] } });
  });
});

describe("with the pointer", () => {
  test("a click selects, and beside everything selects nothing", () => {
    expect(click([30, 30])).toBe(false);
    expect(selected).toBe("a");
    click([150, 80]);
    expect(selected).toBeNull();
  });

  test("a drag over a region that is not selected is somebody else's", () => {
    expect(drag([30, 30], [60, 40])).toBe(false);
    expect(selected).toBeNull();
    expect(shape("a")).toMatchObject({ x: 20, y: 20 });
  });

  test("the selected one is moved and resized", () => {
    selected = "a";
    expect(drag([40, 40], [50, 45])).toBe(true);
    expect(shape("a")).toMatchObject({ x: 30, y: 25, width: 40, height: 40 });
    drag([30, 25], [10, 10]);
    expect(shape("a")).toMatchObject({ x: 10, y: 10, width: 60, height: 55 });
  });

  test("Escape puts back what is dragged, then selects nothing", () => {
    selected = "a";
    gestures.press(pointer([40, 40]));
    gestures.move(pointer([90, 50]));
    expect(shape("a")).toMatchObject({ x: 70 });
    expect(key("Escape")).toBe(true);
    expect(shape("a")).toMatchObject({ x: 20 });
    gestures.move(pointer([100, 60]));
    expect(shape("a")).toMatchObject({ x: 20 });
    expect(key("Escape")).toBe(true);
    expect(selected).toBeNull();
  });

  test("a finger is allowed to miss by more", () => {
    selected = "a";
    expect(drag([67, 67], [70, 70])).toBe(false);
    expect(selected).toBe("a");
    expect(drag([66, 66], [70, 70], { touch: true })).toBe(true);
    expect(shape("a")).toMatchObject({ width: 50 });
  });

  test("what would be taken hold of is known", () => {
    gestures.move(pointer([30, 30]));
    const over = gestures.over.value;
    expect(over).toEqual({ type: "body", name: "a" });
    gestures.move(pointer([31, 30]));
    expect(gestures.over.value).toBe(over);
    selected = "a";
    gestures.move(pointer([20, 20]));
    expect(gestures.over.value).toMatchObject({ type: "handle", handle: 0 });
    gestures.move(pointer([60, 60]));
    expect(gestures.over.value).toMatchObject({ type: "handle", handle: 4 });
    gestures.leave();
    expect(gestures.over.value).toBeNull();
  });
});

describe("keys", () => {
  test("delete the selected region", () => {
    expect(key("Delete")).toBe(false);
    selected = "a";
    expect(key("Backspace")).toBe(true);
    expect(rois).toEqual([]);
  });

  test("arrows are the regions' only while one has the focus", () => {
    selected = "a";
    expect(key("ArrowRight")).toBe(false);
    expect(key("ArrowRight", {}, true)).toBe(true);
    key("ArrowDown", { shiftKey: true }, true);
    expect(shape("a")).toMatchObject({ x: 21, y: 30, width: 40, height: 40 });
    key("ArrowLeft", { altKey: true }, true);
    key("ArrowDown", { altKey: true, shiftKey: true }, true);
    expect(shape("a")).toMatchObject({ x: 21, y: 30, width: 39, height: 50 });
  });

  test("others are not", () => {
    selected = "a";
    expect(key("l", {}, true)).toBe(false);
    expect(key(" ")).toBe(false);
  });
});
