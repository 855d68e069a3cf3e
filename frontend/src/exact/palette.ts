/** Colours of grey levels as bytes. */
import { colour } from "../display/colormaps";

const made = new Map<string, Uint8Array>();

/** Red, green and blue of the levels 0 to 255 of a colormap; gray where the page does not know it. */
export function palette(colormap: string): Uint8Array {
  let bytes = made.get(colormap);
  if (bytes === undefined) {
    const levels = Array.from({ length: 256 }, (_, level) => level / 255);
    bytes = Uint8Array.from(
      levels.flatMap((level) => rgb(colour(level, { colormap, gamma: 1, invert: false }))),
    );
    made.set(colormap, bytes);
  }
  return bytes;
}

/** From the two ways in which CSS colours are written here: `rgb(1, 2, 3)` and `#010203`. */
function rgb(text: string): number[] {
  if (text.startsWith("#")) return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  return (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}
