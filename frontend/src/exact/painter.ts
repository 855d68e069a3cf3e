/** What draws exact pixels: the graphics processor, or where that is only emulated, this one. */
import type { Pixels } from "./pixels";
import { Processor } from "./processor";
import { Renderer, type Colours } from "./renderer";

export interface Painter {
  /** Longest side that can be drawn, pixels. */
  readonly largest: number;
  /** Tells when nothing can be drawn any more, until the returned function is called. */
  onLoss(listener: (reason: string) => void): () => void;
  /** Draws pixels on a canvas of their size. Throws with a reason where that cannot be. */
  draw(target: CanvasRenderingContext2D, pixels: Pixels, colours: Colours): void;
}

let processor: Processor | null = null;

/** The page's one; throws with a reason where there can be none. */
export function painter(): Painter {
  processor ??= Renderer.get().emulated ? new Processor() : null;
  return processor ?? Renderer.get();
}
