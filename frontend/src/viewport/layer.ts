/** What lies over a picture, and in the same box. */
import type { FrameStream } from "../metrics/message";
import type { Session } from "../panes/session";
import type { ShownFrame } from "../video/frame";
import type { Viewport } from "./viewport";

/** What every layer is given. A layer that acts on a pointer calls `preventDefault` on its `pointerdown`. */
export interface LayerProps {
  session: Session;
  stream: FrameStream;
  viewport: Viewport;
  /** The frame on screen, as far as it is known. */
  frame: () => ShownFrame | null;
}
