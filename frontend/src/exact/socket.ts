/** The WebSocket of one viewer of exact pixels: parsed frames out, acknowledgements and what is looked at in. */
import { ack, parseFrame, parseText, view, type Packed, type View } from "./message";

export interface Listener {
  frame(frame: Packed): void;
  /** What was asked for cannot be done, or a frame cannot be sent now. */
  told(reason: string): void;
  /** It is over, and why. */
  failed(reason: string): void;
}

export interface ExactSocket {
  /** The frame of this number was taken, and all before it. */
  ack(seq: number): void;
  /** What is to be sent from now on; said once it can be said. */
  ask(view: View): void;
  close(): void;
}

/** Connects to a path of the runner. Never dials twice: whoever wants another makes another. */
export function connectExact(
  path: string,
  listener: Listener,
  dial = (url: string) => new WebSocket(url),
): ExactSocket {
  const socket = dial(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
  socket.binaryType = "arraybuffer";
  let open = true;
  let wanted: string | null = null;
  let said: string | null = null;

  const close = (): void => {
    open = false;
    socket.close();
  };
  const failed = (reason: string): void => {
    if (!open) return;
    close();
    listener.failed(reason);
  };
  const say = (): void => {
    if (!open || wanted === null || wanted === said || socket.readyState !== WebSocket.OPEN) return;
    said = wanted;
    socket.send(wanted);
  };

  socket.onopen = say;
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (!open) return;
    if (typeof data !== "string") {
      const parsed = parseFrame(data);
      if (parsed.status === "ok") listener.frame(parsed.message);
      else failed(`exact pixels not understood: ${parsed.reason}`);
      return;
    }
    const parsed = parseText(data);
    if (parsed.status === "error") failed(`exact pixels not understood: ${parsed.reason}`);
    else if (parsed.message !== null && parsed.message.type !== "hello") listener.told(parsed.message.reason);
  };
  socket.onclose = () => failed("the connection for exact pixels ended");

  return {
    ack(seq) {
      if (open && socket.readyState === WebSocket.OPEN) socket.send(ack(seq));
    },
    ask(next) {
      wanted = view(next);
      say();
    },
    close,
  };
}
