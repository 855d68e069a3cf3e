/** Which part of every stream is looked at. */
import { Viewport } from "./viewport";

export class Viewports {
  private readonly all = new Map<string, Viewport>();

  /** The viewport of a stream, the same one for as long as the page is open. */
  of(streamId: string): Viewport {
    let viewport = this.all.get(streamId);
    if (viewport === undefined) {
      viewport = new Viewport();
      this.all.set(streamId, viewport);
    }
    return viewport;
  }
}
