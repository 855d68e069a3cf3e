/**
 * Which frame is which: session, number, capture time and media time of the frames that this page heard of.
 *
 * Media time only grows, over all lives of the encoder, so it is the order of frames; capture times may jitter, and go
 * back when a clock is set.
 */
import type { ShownFrame } from "./frame";

export interface Entry {
  /** Of its producer, 16 hexadecimal digits. */
  session: string;
  seq: number;
  /** Capture time, ms since the Unix epoch. */
  captureMs: number;
  /** Presentation time in the stream, microseconds. */
  mediaUs: number;
}

/** A frame, or that which was captured at a time. */
export type Sought = Pick<ShownFrame, "session" | "seq" | "captureMs">;

interface Node extends Entry {
  /** No frame lies between this and the next one. */
  joined: boolean;
}

/** A film in a container with a clock of 90 kHz, or dated to the millisecond, is so far off, microseconds. */
const TOLERANCE_US = 1500;
/** Dates of playlists are whole ms. */
const DATE_MS = 1.5;
/** 15 minutes at 120 fps. */
const LIMIT = 108_000;

export class Timeline {
  private nodes: Node[] = [];

  constructor(private readonly limit = LIMIT) {}

  get newest(): Entry | null {
    return this.nodes.at(-1) ?? null;
  }

  /** A frame just encoded; `follows`: no other one lies between it and the newest one known. */
  append(entry: Entry, follows: boolean): void {
    const last = this.nodes.at(-1);
    if (last !== undefined && entry.mediaUs <= last.mediaUs) {
      this.merge([entry]);
      return;
    }
    if (last !== undefined && follows) last.joined = true;
    this.nodes.push({ ...entry, joined: false });
    this.bound();
  }

  /** All encoded frames of a stretch of time, in order of media time. */
  merge(entries: readonly Entry[]): void {
    const merged: Node[] = [];
    let mine = 0;
    for (const [index, entry] of entries.entries()) {
      for (; mine < this.nodes.length; mine++) {
        const node = this.nodes[mine];
        if (node === undefined || node.mediaUs >= entry.mediaUs) break;
        merged.push(node);
      }
      const same = this.nodes[mine];
      const known = same?.mediaUs === entry.mediaUs;
      if (known) mine++;
      merged.push({ ...entry, joined: index + 1 < entries.length || (known && same.joined) });
    }
    for (; mine < this.nodes.length; mine++) {
      const node = this.nodes[mine];
      if (node !== undefined) merged.push(node);
    }
    this.nodes = merged;
    this.bound();
  }

  /** The stream began anew: media times mean other frames now. */
  clear(): void {
    this.nodes = [];
  }

  /** The frame of a media time, microseconds. */
  at(mediaUs: number): Entry | null {
    const after = this.lowerBound(mediaUs);
    return closest([this.nodes[after - 1], this.nodes[after]], (e) => e.mediaUs - mediaUs, TOLERANCE_US);
  }

  /** The frame that a playlist dates so, ms since the Unix epoch. */
  dated(dateMs: number): Entry | null {
    return closest(this.nodes, (e) => e.captureMs - dateMs, DATE_MS);
  }

  /** The frame captured next to a time, ms since the Unix epoch. */
  nearest(captureMs: number): Entry | null {
    return closest(this.nodes, (e) => e.captureMs - captureMs, Infinity);
  }

  /** That very frame; where it is not known, the one captured next to it. */
  find({ session, seq, captureMs }: Sought): Entry | null {
    const itself =
      seq === null ? undefined : this.nodes.findLast((e) => e.seq === seq && e.session === session);
    return itself ?? this.nearest(captureMs);
  }

  /** Whether it is known as far as that: what is missing by then never came to the encoder. */
  reaches({ session, seq, captureMs }: Sought): boolean {
    const { newest } = this;
    if (newest === null) return false;
    return seq !== null && session === newest.session ? newest.seq >= seq : newest.captureMs >= captureMs;
  }

  /** Whether all frames within so many ms of a capture time are known. */
  knows(captureMs: number, marginMs: number): boolean {
    const near = this.nearest(captureMs);
    if (near === null) return false;
    let from = this.lowerBound(near.mediaUs);
    let to = from;
    while (from > 0 && this.nodes[from - 1]?.joined === true && within(this.nodes[from], -marginMs)) from--;
    while (this.nodes[to]?.joined === true && within(this.nodes[to], marginMs)) to++;
    return !within(this.nodes[from], -marginMs) && !within(this.nodes[to], marginMs);

    function within(node: Node | undefined, limitMs: number): boolean {
      if (node === undefined) return false;
      const offMs = node.captureMs - captureMs;
      return limitMs < 0 ? offMs > limitMs : offMs < limitMs;
    }
  }

  /**
   * So many frames on, or back if negative; as far as it is known without a gap. `left` says how many frames more it
   * should have been.
   */
  step(from: Entry, frames: number): { entry: Entry; left: number } {
    let index = this.lowerBound(from.mediaUs);
    let left = frames;
    if (this.nodes[index]?.mediaUs !== from.mediaUs) return { entry: from, left };
    for (; left > 0 && this.nodes[index]?.joined === true; left--) index++;
    for (; left < 0 && this.nodes[index - 1]?.joined === true; left++) index--;
    return { entry: this.nodes[index] ?? from, left };
  }

  /** Known frames between two media times, microseconds; 0 unless the second one is later. */
  between(fromUs: number, toUs: number): number {
    return Math.max(0, this.lowerBound(toUs) - this.lowerBound(fromUs + 1));
  }

  /** Index of the first frame that is not before a media time. */
  private lowerBound(mediaUs: number): number {
    let [low, high] = [0, this.nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.nodes[middle]?.mediaUs ?? Infinity) < mediaUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the oldest, a good part at once. */
  private bound(): void {
    if (this.nodes.length > this.limit * 1.1) this.nodes.splice(0, this.nodes.length - this.limit);
  }
}

/** The entry with the least distance from 0, if that is no more than `most`. */
function closest<T>(
  entries: Iterable<T | undefined>,
  distance: (entry: T) => number,
  most: number,
): T | null {
  let best: T | null = null;
  let least = most;
  for (const entry of entries) {
    if (entry === undefined) continue;
    const off = Math.abs(distance(entry));
    if (off <= least && (best === null || off < least)) [best, least] = [entry, off];
  }
  return best;
}
