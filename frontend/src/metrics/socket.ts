/** The websocket to the runner: dials again by itself, hands out parsed messages, reads the clock. */
import { Backoff } from "../backoff";
import { Clock, localNow } from "../clock";
import { parse, ping, type Message } from "./message";

export type Connection = "connecting" | "open" | "closed";

export interface Listener {
  connection(state: Connection): void;
  message(message: Message): void;
  /** A message that could not be understood, and why. */
  refused(reason: string): void;
}

/** First retry within 200 ms, none later than 2 s. */
const RETRY_MS = { first: 200, cap: 2000 };
/** A dial that takes longer is given up, milliseconds. */
const DIAL_MS = 3000;
/** The runner speaks at least every second; longer silence is a dead link, milliseconds. */
const SILENCE_MS = 4000;
/** Pings: quick ones first to know the clock, then to follow its drift. */
const PING_MS = { quick: 150, steady: 2000, quickOnes: 5 };

export interface Socket {
  /** The runner's clock now, ms since the Unix epoch; the local one while nothing is known. */
  now(): number;
  /** Whether the runner's clock is known. */
  synchronised(): boolean;
  dispose(): void;
}

/** Keeps a websocket to `url` open until disposed. */
export function connect(url: string, listener: Listener): Socket {
  const clock = new Clock();
  const backoff = new Backoff(RETRY_MS.first, RETRY_MS.cap);
  let socket: WebSocket | null = null;
  let disposed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let pinger: ReturnType<typeof setTimeout> | undefined;
  const sent = new Map<number, number>();
  let pings = 0;

  const dial = (): void => {
    listener.connection("connecting");
    const mine = new WebSocket(url);
    socket = mine;
    watch(DIAL_MS);
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      watch(SILENCE_MS);
      receive(String(data), localNow());
    };
    mine.onclose = () => {
      if (mine === socket) lost();
    };
  };

  const receive = (text: string, receivedMs: number): void => {
    const parsed = parse(text);
    if (parsed.status === "error") {
      listener.refused(parsed.reason);
      return;
    }
    const { message } = parsed;
    if (message.type === "hello") {
      clock.hello(message.now_ms, receivedMs);
      backoff.reset();
      listener.connection("open");
      sent.clear();
      pings = 0;
      sendPing();
    } else if (message.type === "pong") {
      const sentMs = sent.get(message.id);
      sent.delete(message.id);
      if (sentMs !== undefined) clock.pong(sentMs, receivedMs, message.now_ms);
    }
    listener.message(message);
  };

  const sendPing = (): void => {
    clearTimeout(pinger);
    if (socket?.readyState !== WebSocket.OPEN) return;
    pings++;
    sent.set(pings, localNow());
    sent.delete(pings - 10);
    socket.send(ping(pings));
    pinger = setTimeout(sendPing, pings < PING_MS.quickOnes ? PING_MS.quick : PING_MS.steady);
  };

  const watch = (ms: number): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, ms);
  };

  const lost = (): void => {
    hangUp();
    if (disposed) return;
    listener.connection("closed");
    timer = setTimeout(dial, backoff.next());
  };

  const hangUp = (): void => {
    clearTimeout(timer);
    clearTimeout(watchdog);
    clearTimeout(pinger);
    const old = socket;
    socket = null;
    old?.close();
  };

  dial();
  return {
    now: () => localNow() + (clock.offsetMs ?? 0),
    synchronised: () => clock.offsetMs !== null,
    dispose() {
      disposed = true;
      hangUp();
    },
  };
}
