/** The WebSocket of one viewer of exact pixels: parsed frames out, acknowledgements and what is looked at in. */
import { link, type Dial } from "../link";
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

/** Connects to a path of the runner. */
export function connectExact(path: string, listener: Listener, dial?: Dial): ExactSocket {
  let wanted: string | null = null;
  let said: string | null = null;

  const say = (): void => {
    if (wanted !== null && wanted !== said && made.send(wanted)) said = wanted;
  };
  const message = (data: string | ArrayBuffer): void => {
    const parsed = typeof data === "string" ? parseText(data) : parseFrame(data);
    if (parsed.status === "error") {
      made.fail(`exact pixels not understood: ${parsed.reason}`);
      return;
    }
    const { message } = parsed;
    if (message === null) return;
    if (!("type" in message)) listener.frame(message);
    else if (message.type !== "hello") listener.told(message.reason);
  };
  const failed = (reason: string): void => listener.failed(reason);
  const made = link(path, "the connection for exact pixels", { opened: say, message, failed }, dial);

  return {
    ack(seq) {
      made.send(ack(seq));
    },
    ask(next) {
      wanted = view(next);
      say();
    },
    close: made.close,
  };
}
