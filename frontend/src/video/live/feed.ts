/** What goes into a source buffer: in order, one append at a time, and out again when it is old. */
import type { Fragment, Start } from "./message";

export interface Listener {
  /** All fragments up to this number are in the buffer. */
  appended(number: number): void;
  failed(reason: string): void;
  /** Where it plays, seconds. */
  positionS(): number;
}

/** So much stays behind the playhead, seconds; it is cleared when there is as much again. */
const KEEP_S = 15;
/** More than this waits only if the buffer does not work any more; the runner sends less before it is acknowledged. */
const LIMIT_BYTES = 32 << 20;

type Item = { bytes: Uint8Array<ArrayBuffer>; number: number | null; codec: string | null };

export class Feed {
  private buffer: SourceBuffer | null = null;
  private queue: Item[] = [];
  private queuedBytes = 0;
  /** Of the append that is under way. */
  private number: number | null = null;
  private inFlight: Uint8Array<ArrayBuffer> | null = null;
  private clearing = false;
  private readonly abort = new AbortController();

  constructor(
    private readonly media: MediaSource,
    private readonly listener: Listener,
  ) {
    media.addEventListener("sourceopen", () => this.next(), { signal: this.abort.signal });
  }

  /** A new encoder: its initialisation segment comes before its fragments. */
  start({ init, codec }: Start): void {
    this.put({ bytes: init, number: null, codec: `video/mp4; codecs="${codec}"` });
  }

  push({ bytes, number }: Fragment): void {
    this.put({ bytes, number, codec: null });
  }

  dispose(): void {
    this.abort.abort();
    this.queue = [];
    this.buffer = null;
  }

  private put(item: Item): void {
    this.queue.push(item);
    this.queuedBytes += item.bytes.byteLength;
    if (this.queuedBytes > LIMIT_BYTES) this.fail("the browser takes no more video");
    else this.next();
  }

  /** Appends whatever waits, if nothing is under way. */
  private next(): void {
    if (this.abort.signal.aborted || this.media.readyState !== "open") return;
    if (this.buffer?.updating === true || this.inFlight !== null) return;
    const first = this.queue[0];
    if (first === undefined) {
      this.clearOld();
      return;
    }
    try {
      if (first.codec !== null) this.take(first.codec);
      // Together until the next encoder starts.
      const end = this.queue.findIndex((item, index) => index > 0 && item.codec !== null);
      const items = this.queue.splice(0, end === -1 ? this.queue.length : end);
      this.number = items.at(-1)?.number ?? null;
      this.inFlight = join(items.map(({ bytes }) => bytes));
      this.queuedBytes -= this.inFlight.byteLength;
      this.append();
    } catch (error) {
      this.fail(String(error));
    }
  }

  /** Makes the buffer, or has it take another codec. */
  private take(codec: string): void {
    if (this.buffer !== null) {
      this.buffer.changeType(codec);
      return;
    }
    const buffer = this.media.addSourceBuffer(codec);
    buffer.mode = "segments";
    const { signal } = this.abort;
    buffer.addEventListener("updateend", () => this.updated(), { signal });
    buffer.addEventListener("error", () => this.fail("the browser refused the video"), { signal });
    this.buffer = buffer;
  }

  private append(): void {
    if (this.inFlight === null || this.buffer === null) return;
    try {
      this.buffer.appendBuffer(this.inFlight);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      // Full: make room, then once more. `updated` sees that nothing was appended.
      if (!this.clear(1)) throw error;
    }
  }

  private updated(): void {
    if (this.clearing) {
      this.clearing = false;
      try {
        this.append();
      } catch (error) {
        this.fail(String(error));
      }
      if (this.inFlight === null) this.next();
      return;
    }
    this.inFlight = null;
    if (this.number !== null) this.listener.appended(this.number);
    this.number = null;
    this.next();
  }

  private clearOld(): void {
    const { buffer } = this;
    if (buffer === null || buffer.buffered.length === 0) return;
    if (this.listener.positionS() - buffer.buffered.start(0) > 2 * KEEP_S) this.clear(KEEP_S);
  }

  /** Removes what is older than so many seconds; whether there was any such thing. */
  private clear(keepS: number): boolean {
    const { buffer } = this;
    const toS = this.listener.positionS() - keepS;
    if (buffer === null || buffer.buffered.length === 0 || toS <= buffer.buffered.start(0)) return false;
    this.clearing = true;
    buffer.remove(0, toS);
    return true;
  }

  private fail(reason: string): void {
    if (this.abort.signal.aborted) return;
    this.dispose();
    this.listener.failed(reason);
  }
}

function join(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
