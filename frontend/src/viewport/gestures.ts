/** Wheel, drag and pinch on an element that a viewport fills. */
import { limited, toFrame } from "./geometry";
import type { Viewport } from "./viewport";

/** On the screen, CSS pixels. */
export interface Point {
  clientX: number;
  clientY: number;
}

export interface Heard {
  /** A pointer that hovers is here now; null when it has gone. */
  hover(point: Point | null): void;
  /**
   * A finger touched and left without moving, or a button was clicked with Shift held. Who did it meant a point within
   * `slop` of this one, CSS pixels.
   */
  pick(point: Point, slop: number): void;
}

/** A pointer that moves less than this between down and up did not mean to drag, CSS pixels. */
const SLOP = 4;
/** As well as a finger can point, CSS pixels. */
const FINGER = 16;
/** Zoom per pixel of wheel, natural logarithm; a notch of most wheels is 100 to 120. A pinch on a pad comes as a wheel. */
const PER_PIXEL = { wheel: 0.002, pinch: 0.01 };
/** What a wheel that counts in pixels, lines or pages turns by, CSS pixels: `WheelEvent.deltaMode`. */
const DELTA = [1, 16, 400];
/** A wheel that was scrolling the page goes on doing so until it rests for so long, ms. */
const SCROLL_MS = 250;

/** Zooms about this point of the screen, where the viewport fills `element`. */
export function zoomAbout(
  element: HTMLElement,
  viewport: Viewport,
  { clientX, clientY }: Point,
  factor: number,
): void {
  const [box, region] = [element.getBoundingClientRect(), viewport.region.peek()];
  if (box.width === 0) return;
  const { x, y } = toFrame(box, region, clientX, clientY);
  viewport.zoomAt(x, y, limited(factor, box, region));
}

/** Listens until the returned function is called. */
export function listenToGestures(element: HTMLElement, viewport: Viewport, heard: Heard): () => void {
  /** Pointers that are down, by id. */
  const down = new Map<number, Point>();
  /** How far they have gone since the first of them came down, CSS pixels. */
  let travelled = 0;
  let most = 0;
  let scrolledMs = -Infinity;

  const onWheel = (event: WheelEvent): void => {
    const delta = event.deltaY * (DELTA[event.deltaMode] ?? 1);
    if (event.defaultPrevented || delta === 0) return;
    // What cannot get smaller leaves the wheel to the page, unless that would zoom all of the page.
    const idle = delta > 0 && !viewport.zoomed;
    if (!event.ctrlKey && (idle || performance.now() - scrolledMs < SCROLL_MS)) return;
    event.preventDefault();
    const per = event.ctrlKey ? PER_PIXEL.pinch : PER_PIXEL.wheel;
    zoomAbout(element, viewport, event, Math.exp(-delta * per));
  };
  const onScroll = (): void => {
    scrolledMs = performance.now();
  };

  const onDown = (event: PointerEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.target instanceof Element && event.target.closest("button, menu") !== null) return;
    if (down.size === 0) travelled = most = 0;
    down.set(event.pointerId, at(event));
    most = Math.max(most, down.size);
  };
  const onMove = (event: PointerEvent): void => {
    if (event.pointerType !== "touch") heard.hover(at(event));
    const from = down.get(event.pointerId);
    if (from === undefined) return;
    const [before, apart] = [middle(down), spread(down)];
    down.set(event.pointerId, at(event));
    const [after, now] = [middle(down), spread(down)];
    travelled += Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY);
    if (travelled < SLOP) return;
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    element.dataset["dragged"] = String(viewport.zoomed);
    const { width } = element.getBoundingClientRect();
    if (width === 0) return;
    const scale = viewport.region.peek().width / width;
    viewport.pan((before.clientX - after.clientX) * scale, (before.clientY - after.clientY) * scale);
    if (apart > 0 && now > 0) zoomAbout(element, viewport, after, now / apart);
  };
  const onUp = (event: PointerEvent): void => {
    if (!down.delete(event.pointerId)) return;
    if (down.size === 0) delete element.dataset["dragged"];
    const touch = event.pointerType === "touch";
    if (event.type !== "pointerup" || most > 1 || travelled >= SLOP) return;
    if (touch || event.shiftKey) heard.pick(at(event), touch ? FINGER : 0);
  };
  const onLeave = (): void => heard.hover(null);
  // Two fingers are meant for the picture, also where one scrolls the page.
  const onTouch = (event: TouchEvent): void => {
    if (event.touches.length > 1 && event.cancelable) event.preventDefault();
  };

  element.addEventListener("wheel", onWheel, { passive: false });
  element.addEventListener("touchstart", onTouch, { passive: false });
  element.addEventListener("touchmove", onTouch, { passive: false });
  element.addEventListener("pointerdown", onDown);
  element.addEventListener("pointermove", onMove);
  element.addEventListener("pointerleave", onLeave);
  // A button may be let go anywhere.
  addEventListener("pointerup", onUp);
  addEventListener("pointercancel", onUp);
  addEventListener("scroll", onScroll, { capture: true, passive: true });
  return () => {
    element.removeEventListener("wheel", onWheel);
    element.removeEventListener("touchstart", onTouch);
    element.removeEventListener("touchmove", onTouch);
    element.removeEventListener("pointerdown", onDown);
    element.removeEventListener("pointermove", onMove);
    element.removeEventListener("pointerleave", onLeave);
    removeEventListener("pointerup", onUp);
    removeEventListener("pointercancel", onUp);
    removeEventListener("scroll", onScroll, { capture: true });
    delete element.dataset["dragged"];
  };
}

function at({ clientX, clientY }: Point): Point {
  return { clientX, clientY };
}

function middle(points: ReadonlyMap<number, Point>): Point {
  const sum = { clientX: 0, clientY: 0 };
  for (const { clientX, clientY } of points.values()) {
    sum.clientX += clientX / points.size;
    sum.clientY += clientY / points.size;
  }
  return sum;
}

/** How far the pointers are from their middle, on average; 0 for one. */
function spread(points: ReadonlyMap<number, Point>): number {
  const { clientX, clientY } = middle(points);
  let sum = 0;
  for (const point of points.values()) sum += Math.hypot(point.clientX - clientX, point.clientY - clientY);
  return sum / points.size;
}
