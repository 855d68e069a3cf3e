/** The canvas on which one pane shows exact pixels: of the live stream, or of the frame at which the page stands. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { ShownFrame } from "../video/frame";
import { sameFrame } from "../video/frame";
import type { Viewport } from "../viewport/viewport";
import { mostPixels, placement, regionOf, resolution } from "./asking";
import { canInflate } from "./inflate";
import type { View } from "./message";
import type { OwnDisplay } from "./own-display";
import { valuesAt, type ExactPixel, type Pixels } from "./pixels";
import { painter } from "./painter";
import { coloursOf, type Colours } from "./renderer";

export class Screen {
  readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d", { alpha: false });
  private readonly reduced = signal<string | null>(null);
  private readonly forget: () => void;
  private colours: Colours | null = null;
  private pixels: Pixels | null = null;
  private redrawing: number | null = null;

  /** `box` is the element that the part that is looked at fills. */
  constructor(
    private readonly box: HTMLElement,
    private readonly viewport: Viewport,
    private readonly display: OwnDisplay,
  ) {
    this.canvas.className = "exact";
    // It shows the part that is looked at by itself.
    this.canvas.dataset["ownRegion"] = "";
    const forgetDisplay = display.control.display.subscribe(() => this.redraw());
    const forgetRegion = viewport.region.subscribe(() => this.place());
    this.forget = () => {
      forgetDisplay();
      forgetRegion();
    };
  }

  /** What is to be said of the pixels on the canvas; null for nothing. */
  get note(): ReadonlySignal<string | null> {
    return this.reduced;
  }

  /** Whether the canvas has this frame. */
  has(frame: ShownFrame): boolean {
    return this.pixels !== null && sameFrame(this.pixels.frame, frame);
  }

  /** Draws these pixels now. Throws with a reason where that cannot be. */
  show(pixels: Pixels): void {
    const { canvas, context } = this;
    if (context === null) throw new Error("this browser gives no canvas");
    const colours = coloursOf(pixels, this.display.look(pixels), this.colours);
    const { width, height } = pixels;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    painter().draw(context, pixels, colours);
    this.colours = colours;
    this.pixels = pixels;
    this.reduced.value = resolution(pixels.factor);
    canvas.dataset["factor"] = String(pixels.factor);
    canvas.dataset["region"] = Object.values(pixels.region).join(" ");
    this.place();
  }

  /** A pixel of the frame that is on screen; null where the canvas does not have it. */
  pixelAt(x: number, y: number): ExactPixel | null {
    if (this.pixels === null || !this.canvas.isConnected) return null;
    const { frame, dtype } = this.pixels;
    const values = valuesAt(this.pixels, x, y);
    return values === null ? null : { frame, dtype, values };
  }

  /** What the runner is to send. */
  wanted(): View {
    const frame = this.pixels?.size ?? this.viewport.frame.peek();
    const looked = this.viewport.region.peek();
    const region = regionOf(looked, frame);
    const { width, height } = this.box.getBoundingClientRect();
    const wide = region ?? { x: 0, y: 0, ...frame };
    // Device pixels that the region takes, also beyond the box.
    const screen = {
      width: (width * devicePixelRatio * wide.width) / looked.width,
      height: (height * devicePixelRatio * wide.height) / looked.height,
    };
    const maxPixels = mostPixels(wide, screen, painter().largest);
    return { region, maxPixels, compress: canInflate() };
  }

  dispose(): void {
    this.forget();
    if (this.redrawing !== null) cancelAnimationFrame(this.redrawing);
    this.canvas.remove();
  }

  /** What is on screen, looked at otherwise: before the next picture of the screen. */
  private redraw(): void {
    if (this.pixels === null) return;
    this.redrawing ??= requestAnimationFrame(() => {
      this.redrawing = null;
      if (this.pixels === null) return;
      try {
        this.show(this.pixels);
      } catch {
        // Who draws the next frame tells of it.
      }
    });
  }

  private place(): void {
    if (this.pixels === null) return;
    const looked = this.viewport.region.peek();
    Object.assign(this.canvas.style, placement(this.pixels.region, looked));
    const { width } = this.box.getBoundingClientRect();
    const magnified = (width * this.pixels.factor) / looked.width > 1;
    this.canvas.style.imageRendering = magnified ? "pixelated" : "auto";
  }
}
