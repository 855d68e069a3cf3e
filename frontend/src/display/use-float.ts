/** Keeps a panel beside its pane, over everything else. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { placement } from "./placement";

/** A narrower window has the panel at its lower edge, pixels; as in the style sheet. */
const NARROW = 640;

export function useFloat(pane: RefObject<HTMLElement | null>, panel: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const [under, over] = [pane.current, panel.current];
    if (under === null || over === null) return;
    const place = (): void => {
      const { style } = over;
      if (innerWidth < NARROW) {
        style.left = style.top = "";
        return;
      }
      const head = under.querySelector(".pane-head")?.getBoundingClientRect().bottom;
      const box = under.getBoundingClientRect();
      const { width, height } = over.getBoundingClientRect();
      const corner = placement(
        box,
        head ?? box.top,
        { width, height },
        { width: innerWidth, height: innerHeight },
      );
      style.left = `${corner.left}px`;
      style.top = `${corner.top}px`;
    };
    /** Also over a pane that has just become full screen: what came last is on top. */
    const show = (): void => {
      if (over.matches(":popover-open")) over.hidePopover();
      over.showPopover();
      place();
    };
    show();
    // The picture is what it is about.
    if (innerWidth < NARROW) under.scrollIntoView({ block: "start" });
    const observer = new ResizeObserver(place);
    observer.observe(under);
    observer.observe(over);
    addEventListener("resize", place);
    addEventListener("scroll", place, { capture: true, passive: true });
    document.addEventListener("fullscreenchange", show);
    return () => {
      observer.disconnect();
      removeEventListener("resize", place);
      removeEventListener("scroll", place, { capture: true });
      document.removeEventListener("fullscreenchange", show);
    };
  }, []);
}
