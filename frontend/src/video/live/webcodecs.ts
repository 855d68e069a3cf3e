/** Single frames from the WebSocket through WebCodecs onto a canvas: on screen as soon as they are decoded. */
import type { Listener, Player, Surroundings } from "../player";
import { accessUnit, type Fragment, type Start } from "./message";
import { connectLive, gap } from "./socket";

/**
 * More frames than this in the decoder when a key frame comes mean that it is too slow, and it goes on there. In between
 * there may be more: whoever joins gets all frames since the last key frame at once.
 */
const QUEUE = 8;

/** Creates a player within `host` of the frames that come from `url`. */
export function createWebCodecs(
  host: HTMLElement,
  url: string,
  { timeline, heard, wasShown }: Surroundings,
  listener: Listener,
): Player {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  let session = "";
  let number: number | null = null;
  /** The newest one that is decoded and not drawn yet. */
  let pending: VideoFrame | null = null;
  let drawing: number | null = null;
  let needsKey = true;
  /** Frames that went into the decoder and did not come out yet. */
  let inside = 0;
  let settings: VideoDecoderConfig | null = null;
  let held = false;
  let positionS = 0;

  const failed = (reason: string): void => {
    if (held) return;
    end();
    listener.failed(reason);
  };

  const decoded = (frame: VideoFrame): void => {
    inside = Math.max(0, inside - 1);
    // A player that takes another's place begins with the last key frame.
    if (held || wasShown(frame.timestamp)) {
      frame.close();
      return;
    }
    pending?.close();
    pending = frame;
    positionS = frame.timestamp / 1e6;
    drawing ??= requestAnimationFrame(draw);
  };

  const draw = (): void => {
    drawing = null;
    if (pending === null || context === null) return;
    const { displayWidth, displayHeight, timestamp } = pending;
    if (canvas.width !== displayWidth || canvas.height !== displayHeight) {
      canvas.width = displayWidth;
      canvas.height = displayHeight;
    }
    context.drawImage(pending, 0, 0);
    pending.close();
    pending = null;
    // It is opaque from the beginning: not before there is a picture.
    if (!canvas.isConnected) host.append(canvas);
    listener.presented(timeline.at(timestamp));
  };

  const decoder = new VideoDecoder({
    output: decoded,
    error: ({ message }) => failed(`the decoder says: ${message}`),
  });

  const begin = ({ codec, description, width, height }: Start): void => {
    settings = { codec, description, codedWidth: width, codedHeight: height, optimizeForLatency: true };
    try {
      needsKey = true;
      decoder.configure(settings);
    } catch (error) {
      failed(String(error));
    }
  };

  /** Leaves out what waits in the decoder. */
  const skip = (): void => {
    if (settings === null) return;
    inside = 0;
    decoder.reset();
    decoder.configure(settings);
  };

  const decode = (fragment: Fragment): void => {
    if (needsKey && !fragment.key) return;
    const unit = accessUnit(fragment);
    if (unit.status === "error") {
      failed(`live message not understood: ${unit.reason}`);
      return;
    }
    needsKey = false;
    try {
      if (fragment.key && inside > QUEUE) skip();
      inside++;
      const type = fragment.key ? "key" : "delta";
      decoder.decode(new EncodedVideoChunk({ type, timestamp: fragment.mediaUs, data: unit.message }));
    } catch (error) {
      failed(String(error));
    }
  };

  const socket = connectLive(url, {
    start: (start) => {
      session = start.session;
      begin(start);
    },
    fragment: (fragment) => {
      const { seq, captureMs, mediaUs } = fragment;
      timeline.append(
        { session, seq, captureMs, mediaUs },
        number !== null && fragment.number === number + 1,
      );
      number = fragment.number;
      listener.missed(gap(heard, number));
      decode(fragment);
      // Taken also where it is left out: what waits here is bounded here.
      socket.ack(number);
    },
    failed,
  });

  const end = (): void => {
    held = true;
    socket.close();
    if (decoder.state !== "closed") decoder.close();
    if (drawing !== null) cancelAnimationFrame(drawing);
    drawing = null;
    pending?.close();
    pending = null;
  };

  return {
    view: canvas,
    get positionS() {
      return positionS;
    },
    skipped: null,
    tend: () => undefined,
    hold: end,
    dispose: end,
  };
}
