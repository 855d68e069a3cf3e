/** The WebSocket of one viewer of single frames: parsed messages out, acknowledgements in. */
import { link, type Dial } from "../../link";
import { ack, parseFragment, parseText, type Fragment, type Start } from "./message";

export interface Listener {
  /** A new encoder; before the first fragment of every life. */
  start(start: Start): void;
  fragment(fragment: Fragment): void;
  /** It is over, and why. */
  failed(reason: string): void;
}

/** Frames between the newest one that was heard of and this one, which is from now on the newest. */
export function gap(heard: { number: number | null }, number: number): number {
  const between = heard.number === null ? 0 : number - heard.number - 1;
  heard.number = Math.max(heard.number ?? number, number);
  return Math.max(0, between);
}

export interface LiveSocket {
  /**
   * All fragments up to this number were taken. What is told within one task goes as one message: the runner
   * sends nothing more while too much is not acknowledged, so neither side ever has a backlog.
   */
  ack(number: number): void;
  close(): void;
}

/** Connects to a path of the runner. */
export function connectLive(path: string, listener: Listener, dial?: Dial): LiveSocket {
  let life: number | null = null;
  let acknowledged = -1;
  let waiting = -1;

  const message = (data: string | ArrayBuffer): void => {
    const parsed = typeof data === "string" ? parseText(data) : parseFragment(data);
    if (parsed.status === "error") {
      made.fail(`live message not understood: ${parsed.reason}`);
      return;
    }
    const { message } = parsed;
    if (message === null) return;
    if (!("type" in message)) {
      if (message.life === life) listener.fragment(message);
      else made.fail(`live message not understood: a frame of life ${message.life}, which did not start`);
      return;
    }
    switch (message.type) {
      case "hello":
      // The numbers of the frames tell it, too, and over several connections.
      case "missed":
        return;
      case "start":
        life = message.life;
        listener.start(message);
        return;
    }
  };
  const failed = (reason: string): void => listener.failed(reason);
  const made = link(path, "the live connection", { message, failed }, dial);

  const flush = (): void => {
    if (waiting > acknowledged && made.send(ack(waiting))) acknowledged = waiting;
  };
  return {
    ack(number) {
      if (number <= waiting) return;
      if (waiting === acknowledged) queueMicrotask(flush);
      waiting = number;
    },
    close: made.close,
  };
}
