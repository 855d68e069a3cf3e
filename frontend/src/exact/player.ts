/** Exact pixels from the WebSocket onto the canvas of a pane: the newest frame, whenever the browser paints. */
import type { Listener, Player } from "../video/player";
import { elements } from "./dtype";
import { inflate } from "./inflate";
import { byteLength, type Packed } from "./message";
import type { Pixels } from "./pixels";
import { painter } from "./painter";
import type { Screen } from "./screen";
import { connectExact, type ExactSocket } from "./socket";

/** What is looked at is told so often at most, ms. */
const ASK_MS = 150;

/** What a pane gives to its players of exact pixels: they come and go, these stay. */
export interface Place {
  screen: Screen;
  /** Calls `listener` now and whenever another part is looked at, or on another number of pixels. */
  onView: (listener: () => void) => () => void;
}

/** Creates a player within `host` of the frames that come from `url`. Throws where this browser cannot draw them. */
export function createExact(
  host: HTMLElement,
  url: string,
  { screen, onView }: Place,
  listener: Listener,
): Player {
  const painting = painter();
  /** The newest one that came and is not drawn yet. */
  let pending: Pixels | null = null;
  let drawing: number | null = null;
  /** In the order in which frames came: unpacking may change it. */
  let came = 0;
  let newest = -1;
  let skipped = 0;
  let positionS = 0;
  let over = false;
  let socket: ExactSocket | null = null;
  let asking: ReturnType<typeof setTimeout> | undefined;
  let askedMs = -Infinity;

  const failed = (reason: string): void => {
    if (over) return;
    end();
    listener.failed(reason);
  };

  const draw = (): void => {
    drawing = null;
    if (pending === null) return;
    const pixels = pending;
    pending = null;
    // Only now, so that a page that is slow, or hidden, gets fewer frames and never older ones; the next one is under way
    // while this one is drawn.
    if (pixels.frame.seq !== null) socket?.ack(pixels.frame.seq);
    try {
      screen.show(pixels);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (screen.canvas.parentElement !== host) host.append(screen.canvas);
    positionS = pixels.frame.captureMs / 1000;
    listener.presented(pixels.frame);
  };

  const arrived = (order: number, pixels: Pixels): void => {
    if (over) return;
    if (order < newest) {
      skipped++;
      return;
    }
    newest = order;
    // The same frame in another view takes nothing's place.
    if (pending !== null && pending.frame.seq !== pixels.frame.seq) skipped++;
    pending = pixels;
    drawing ??= requestAnimationFrame(draw);
  };

  const unpack = (packed: Packed): void => {
    const order = came++;
    listener.missed(packed.skipped);
    const { buffer, offset, encoding, dtype, width, height, channels, ...rest } = packed;
    const shape = { dtype, width, height, channels };
    const lay = (from: ArrayBuffer, at: number): Pixels => {
      const data = elements(dtype, from, at, width * height * channels);
      return { ...rest, ...shape, data };
    };
    if (encoding === "raw") {
      arrived(order, lay(buffer, offset));
      return;
    }
    inflate(new Uint8Array(buffer, offset), byteLength(packed)).then(
      (inflated) => arrived(order, lay(inflated, 0)),
      (error: unknown) => failed(error instanceof Error ? error.message : String(error)),
    );
  };

  const dial = (): void => {
    const mine = connectExact(url, {
      frame: unpack,
      told: (reason) => console.debug(`exact pixels: ${reason}`),
      failed,
    });
    socket = mine;
    mine.ask(screen.wanted());
  };

  /** Dragging changes it with every move. */
  const ask = (): void => {
    if (asking !== undefined || socket === null) return;
    asking = setTimeout(
      () => {
        asking = undefined;
        askedMs = performance.now();
        if (!over) socket?.ask(screen.wanted());
      },
      Math.max(0, askedMs + ASK_MS - performance.now()),
    );
  };

  // Nobody sees a hidden page: it needs nothing, and whoever comes back gets the newest frame.
  const onVisible = (): void => {
    if (document.hidden) {
      socket?.close();
      socket = null;
    } else if (socket === null) dial();
  };

  const end = (): void => {
    if (over) return;
    over = true;
    clearTimeout(asking);
    forget.forEach((leave) => leave());
    document.removeEventListener("visibilitychange", onVisible);
    if (drawing !== null) cancelAnimationFrame(drawing);
    pending = null;
    socket?.close();
  };

  if (!document.hidden) dial();
  document.addEventListener("visibilitychange", onVisible);
  const forget = [onView(ask), painting.onLoss(failed)];

  return {
    view: screen.canvas,
    get positionS() {
      return positionS;
    },
    get skipped() {
      return skipped;
    },
    tend: () => undefined,
    hold: end,
    dispose: end,
  };
}
