/** From the screen to a frame and back, for a region of the frame that fills a box on the screen. */
import type { Region, Size } from "./viewport";

/** Where a box is on the screen, CSS pixels. */
export type Box = Pick<DOMRect, "left" | "top" | "width" | "height">;

/** A pixel of a frame gets no larger than this by hand, CSS pixels. */
export const MOST_MAGNIFIED = 64;

/** The point of the frame that is at this point of the screen, frame pixels; it may be beyond the region. */
export function toFrame(
  box: Box,
  region: Region,
  clientX: number,
  clientY: number,
): { x: number; y: number } {
  return {
    x: region.x + ((clientX - box.left) / box.width) * region.width,
    y: region.y + ((clientY - box.top) / box.height) * region.height,
  };
}

/** Where a point of the frame is in the box, CSS pixels from its upper left corner; it may be outside. */
export function toBox(box: Size, region: Region, x: number, y: number): { left: number; top: number } {
  return {
    left: ((x - region.x) / region.width) * box.width,
    top: ((y - region.y) / region.height) * box.height,
  };
}

/** Screen over frame: how large one pixel of the frame is, CSS pixels. */
export function magnification(box: Size, region: Region): number {
  return box.width / region.width;
}

/** Column and row of the pixel at a point of the frame; null outside of the frame. */
export function pixelAt(frame: Size, { x, y }: { x: number; y: number }): { x: number; y: number } | null {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  return column >= 0 && row >= 0 && column < frame.width && row < frame.height ? { x: column, y: row } : null;
}

/** As much of this factor of zoom as keeps a pixel of the frame from getting larger than `MOST_MAGNIFIED`. */
export function limited(factor: number, box: Size, region: Region): number {
  const most = Math.max(1, MOST_MAGNIFIED / magnification(box, region));
  return Math.min(factor, most);
}
