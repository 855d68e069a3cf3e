/**
 * Draws pixels through the table of colours without WebGL. Where that is only emulated, each frame would have to be read
 * back from the emulation, which takes ten times as long as to look its colours up here.
 */
import type { Painter } from "./painter";
import type { Pixels } from "./pixels";
import type { Colours } from "./renderer";
import { lookupOf, placesOf } from "./table";

/** Longest side of a canvas that every browser gives. */
const LARGEST = 16_384;

export class Processor implements Painter {
  readonly largest = LARGEST;
  private image: ImageData | null = null;

  /** There is nothing that could be lost. */
  onLoss(): () => void {
    return () => undefined;
  }

  draw(target: CanvasRenderingContext2D, pixels: Pixels, colours: Colours): void {
    const { width, height } = pixels;
    if (this.image?.width !== width || this.image.height !== height)
      this.image = new ImageData(width, height);
    paint(new Uint32Array(this.image.data.buffer), pixels, colours);
    target.putImageData(this.image, 0, 0);
  }
}

/** Colours of all pixels, as bytes red, green, blue and 255 in memory. */
export function paint(out: Uint32Array, { data, dtype, channels }: Pixels, { look, table }: Colours): void {
  const colours = new Uint32Array(table.buffer);
  const lookup = lookupOf(dtype, look.window);
  const indices = lookup === "bits" ? bitsOf(data) : placesOf(data, look, lookup === "float");
  if (channels === 1) {
    for (let i = 0; i < out.length; i++) out[i] = colours[indices[i] ?? 0] ?? 0;
    return;
  }
  for (let i = 0; i < out.length; i++) {
    const at = i * channels;
    const level = (c: number) => (table[4 * (indices[at + c] ?? 0)] ?? 0) << (8 * c);
    out[i] = level(0) | level(1) | level(2) | (255 << 24);
  }
}

function bitsOf({ buffer, byteOffset, length, BYTES_PER_ELEMENT }: Pixels["data"]): Uint8Array | Uint16Array {
  const type = BYTES_PER_ELEMENT === 1 ? Uint8Array : Uint16Array;
  return new type(buffer, byteOffset, length);
}
