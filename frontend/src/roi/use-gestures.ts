/** Brings pointers over a picture, and keys, to the gestures of its regions. */
import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Session } from "../panes/session";
import { magnification, toFrame } from "../viewport/geometry";
import type { LayerProps } from "../viewport/layer";
import type { Gestures, Pointer } from "./gestures";

interface Props extends Pick<LayerProps, "session" | "stream" | "viewport"> {
  svg: RefObject<SVGSVGElement | null>;
  gestures: Gestures;
}

export function useGestures({ svg, gestures, session, stream, viewport }: Props): void {
  useEffect(() => {
    const layer = svg.current;
    const picture = layer?.closest<HTMLElement>(".picture");
    if (layer === null || picture === null || picture === undefined) return;
    /** Of the pointer that is down. */
    let down: number | null = null;

    const pointer = (event: PointerEvent): Pointer => {
      const box = layer.getBoundingClientRect();
      const region = viewport.region.peek();
      const { x, y } = toFrame(box, region, event.clientX, event.clientY);
      return {
        at: [x, y],
        scale: 1 / magnification(box, region),
        touch: event.pointerType === "touch",
        regular: event.shiftKey,
      };
    };
    const onDown = (event: PointerEvent): void => {
      if (!event.isPrimary || event.button !== 0 || within(event, "button, menu, a, input, select")) return;
      down = event.pointerId;
      if (!gestures.press(pointer(event))) return;
      // Others need not act on it.
      event.preventDefault();
      picture.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent): void => {
      const over = event.target instanceof Node && picture.contains(event.target);
      if (event.pointerId === down || (down === null && over)) gestures.move(pointer(event));
    };
    const onUp = (event: PointerEvent): void => {
      if (event.pointerId !== down) return;
      down = null;
      gestures.release(pointer(event));
    };
    const onCancel = (event: PointerEvent): void => {
      if (event.pointerId !== down) return;
      down = null;
      gestures.cancel();
    };
    const onLeave = (): void => gestures.leave();
    const onDoubleClick = (event: MouseEvent): void => {
      const drew = gestures.finish();
      if (drew || session.tool.peek() !== "pointer" || selectedIsUnder()) event.stopImmediatePropagation();
    };
    const selectedIsUnder = (): boolean => {
      const selection = session.rois.selection.peek();
      return selection?.stream === stream.id && gestures.over.peek()?.name === selection.name;
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
      if (within(event, "input, textarea, select")) return;
      if (!gestures.key(event, layer.contains(document.activeElement))) return;
      event.preventDefault();
      event.stopPropagation();
    };

    const options = { capture: true };
    picture.addEventListener("pointerdown", onDown, options);
    picture.addEventListener("pointerleave", onLeave);
    picture.addEventListener("dblclick", onDoubleClick, options);
    // Whoever pans takes the pointer to another element.
    addEventListener("pointermove", onMove, options);
    addEventListener("pointerup", onUp, options);
    addEventListener("pointercancel", onCancel, options);
    addEventListener("keydown", onKey, options);
    const forget = [
      effect(() => {
        const drawing = gestures.drawing.value;
        if (drawing !== null && drawing.type !== session.tool.value) gestures.cancel();
      }),
      effect(() => {
        picture.style.cursor = cursorOf(session, stream.id, gestures);
      }),
    ];
    return () => {
      picture.removeEventListener("pointerdown", onDown, options);
      picture.removeEventListener("pointerleave", onLeave);
      picture.removeEventListener("dblclick", onDoubleClick, options);
      removeEventListener("pointermove", onMove, options);
      removeEventListener("pointerup", onUp, options);
      removeEventListener("pointercancel", onCancel, options);
      removeEventListener("keydown", onKey, options);
      for (const end of forget) end();
      picture.style.cursor = "";
    };
  }, [gestures]);
}

/** Empty for none of the regions' business. */
function cursorOf({ tool, rois }: Session, id: string, gestures: Gestures): string {
  const over = gestures.over.value;
  const selection = rois.selection.value;
  if (over?.type === "handle") return over.cursor;
  if (tool.value !== "pointer") return "crosshair";
  if (over === null) return "";
  return selection?.stream === id && selection.name === over.name ? "move" : "pointer";
}

function within({ target }: Event, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
