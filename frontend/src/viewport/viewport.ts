/** Which part of a frame fills the picture's box. */
import { batch, signal, type ReadonlySignal } from "@preact/signals";

/** Frame pixels, fractions allowed; (0, 0) is the outer corner of the first pixel. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The shorter side of a region is never less than this, frame pixels; of a smaller frame all is shown. */
const LEAST = 4;

/** The region is always within the frame and has its shape. Streams that share one have frames of one size. */
export class Viewport {
  private readonly size = signal<Size>({ width: 1, height: 1 });
  private readonly shown = signal<Region>({ x: 0, y: 0, width: 1, height: 1 });

  get region(): ReadonlySignal<Region> {
    return this.shown;
  }

  get frame(): ReadonlySignal<Size> {
    return this.size;
  }

  /** Whether less than all of the frame is shown. */
  get zoomed(): boolean {
    return this.zoom > 1;
  }

  /** How many times larger than all of the frame it is shown; 1 or more. */
  get zoom(): number {
    return this.size.value.width / this.shown.value.width;
  }

  /** The size of the frame is this from now on, pixels. Another one than before is shown from the beginning. */
  resize(width: number, height: number): void {
    const before = this.size.peek();
    if (before.width === width && before.height === height) return;
    batch(() => {
      this.size.value = { width, height };
      this.shown.value = { x: 0, y: 0, width, height };
    });
  }

  /** Shows `factor` times as large, or as large as is possible; the point of the frame stays where it is in the box. */
  zoomAt(x: number, y: number, factor: number): void {
    const { x: left, y: top, width } = this.shown.peek();
    const to = this.fit(width / factor);
    const scale = to.width / width;
    this.set(x - (x - left) * scale, y - (y - top) * scale, to);
  }

  /** Shows what is so many frame pixels to the right and below. */
  pan(dx: number, dy: number): void {
    const { x, y, width, height } = this.shown.peek();
    this.set(x + dx, y + dy, { width, height });
  }

  /** Shows all of this region, in the middle of what fills the box. */
  show({ x, y, width, height }: Region): void {
    const frame = this.size.peek();
    const size = this.fit(Math.max(width, (height * frame.width) / frame.height));
    this.set(x + (width - size.width) / 2, y + (height - size.height) / 2, size);
  }

  /** Shows all of the frame. */
  reset(): void {
    this.set(0, 0, this.size.peek());
  }

  /** A size that is possible, as near as can be to this width. */
  private fit(width: number): Size {
    const frame = this.size.peek();
    const least = Math.min(1, LEAST / Math.min(frame.width, frame.height)) * frame.width;
    const fitted = Math.min(frame.width, Math.max(least, width));
    return { width: fitted, height: (fitted * frame.height) / frame.width };
  }

  private set(x: number, y: number, { width, height }: Size): void {
    const frame = this.size.peek();
    const to = {
      x: Math.min(frame.width - width, Math.max(0, x)),
      y: Math.min(frame.height - height, Math.max(0, y)),
      width,
      height,
    };
    const from = this.shown.peek();
    if (to.x !== from.x || to.y !== from.y || to.width !== from.width) this.shown.value = to;
  }
}
