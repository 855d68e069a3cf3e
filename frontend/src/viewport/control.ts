/** What keys and buttons do to a picture, whichever is meant. */
import type { Format } from "./frames";

/** One press of a key or a button. */
export const ZOOM_STEP = 1.5;

export interface PictureControl {
  /** Zooms about the pointer, or about the middle if it is elsewhere. */
  zoom(factor: number): void;
  /** Shows all of the frame. */
  reset(): void;
  /** Keeps an eye on the pixel under the pointer, or no longer on the one that was picked. */
  pick(): void;
  /** Saves the frame on screen as a file. */
  save(format: Format): void;
}
