/** Pixels of one frame, or of a region of it, as they were captured or reduced from that. */
import type { ShownFrame } from "../video/frame";
import type { Dtype, Elements } from "./dtype";

/** Whole pixels of a frame. */
export interface Rect {
  /** First column and first row. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Pixels {
  /** Which frame; its session and number are always known. */
  frame: ShownFrame;
  /** Of the whole frame, pixels. */
  size: { width: number; height: number };
  /** What of it these are. */
  region: Rect;
  /** Along each side so many pixels of the frame became one; 1: every one is as it was captured. */
  factor: number;
  /** Of these pixels. */
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  dtype: Dtype;
  /** Row after row, channels together. */
  data: Elements;
}

/** A pixel as it was captured, and of which frame it is. */
export interface ExactPixel {
  frame: ShownFrame;
  dtype: Dtype;
  /** One per channel. */
  values: number[];
}

/** Values of a pixel of the frame, one per channel; null where they are not there, or not as they were captured. */
export function valuesAt(pixels: Pixels, x: number, y: number): number[] | null {
  const { region, factor, channels, data, width } = pixels;
  const [column, row] = [x - region.x, y - region.y];
  if (factor !== 1 || column < 0 || row < 0 || column >= region.width || row >= region.height) return null;
  const at = (row * width + column) * channels;
  return [...data.subarray(at, at + channels)];
}
