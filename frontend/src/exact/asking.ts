/** What of the frames of a stream is worth to be sent. Pure. */
import type { Rect } from "./pixels";
import type { Region, Size } from "../viewport/viewport";

/** So many pixels are sent as they are, whatever the screen can show of them: 1024 x 1024. */
export const ALWAYS = 1 << 20;
/** Beyond the part that is looked at, as a share of it, so that moving by a little shows something at once. */
const MARGIN = 0.25;

/** Of whole pixels: what is looked at and a little more; null for all of the frame. */
export function regionOf({ x, y, width, height }: Region, frame: Size): Rect | null {
  if (width >= frame.width && height >= frame.height) return null;
  const [left, top] = [x - MARGIN * width, y - MARGIN * height];
  const from = { x: Math.max(0, Math.floor(left)), y: Math.max(0, Math.floor(top)) };
  const to = {
    x: Math.min(frame.width, Math.ceil(left + (1 + 2 * MARGIN) * width)),
    y: Math.min(frame.height, Math.ceil(top + (1 + 2 * MARGIN) * height)),
  };
  const rect = { ...from, width: to.x - from.x, height: to.y - from.y };
  return rect.width === frame.width && rect.height === frame.height ? null : rect;
}

/**
 * Most pixels of a region that are of use where it is shown on `screen` device pixels, and none of whose sides is longer
 * than what can be drawn.
 */
export function mostPixels(region: Size, screen: Size, largest: number): number {
  const { width, height } = region;
  const useful = Math.max(ALWAYS, Math.ceil(screen.width) * Math.ceil(screen.height));
  const factor = Math.ceil(Math.max(width, height) / largest);
  return Math.min(useful, Math.ceil(width / factor) * Math.ceil(height / factor));
}

/** Where a region lies in the box that the part that is looked at fills: CSS percentages of the box. */
export function placement(region: Rect, looked: Region): Record<"left" | "top" | "width" | "height", string> {
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
  return {
    left: percent(region.x - looked.x, looked.width),
    top: percent(region.y - looked.y, looked.height),
    width: percent(region.width, looked.width),
    height: percent(region.height, looked.height),
  };
}

/** What a pane says of pixels that are not all of those that were captured; null where they are. */
export function resolution(factor: number): string | null {
  return factor === 1 ? null : `1/${factor} resolution`;
}
