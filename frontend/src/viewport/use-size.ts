/** How large an element is on the screen. */
import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Size } from "./viewport";

/** CSS pixels; 0 before the element is laid out. */
export function useSize(element: RefObject<Element | null>): ReadonlySignal<Size> {
  const size = useSignal<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver((records) => {
      const box = records.at(-1)?.contentRect;
      if (box !== undefined) size.value = { width: box.width, height: box.height };
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return size;
}
