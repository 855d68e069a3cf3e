/**
 * What the HLS engine tells of the segments that it loaded: one cue each, in a text track of its own.
 *
 * A segment that is loaded again may lie elsewhere: behind a discontinuity the engine places it after what it finds
 * before it. Its older cue may stay, and the newer one has the right end and the start of the older one. So of two cues
 * for one segment the one that came last counts, and a segment begins as long before its end as when it was first loaded.
 */
import type { Segment } from "./position";

interface Cue {
  startTime: number;
  endTime: number;
  /** Set by the HLS engine. */
  value?: { programDateTime?: number; dateTimeString?: string };
}

/** A text track of video.js. */
export interface CueTrack {
  label: string;
  cues: ArrayLike<Cue> | null;
  addCue: (cue: unknown) => void;
}

/** The text tracks of a player. */
export interface CueTracks extends ArrayLike<CueTrack> {
  addEventListener(type: "addtrack", listener: (event: { track: CueTrack }) => void): void;
}

/** Label of the engine's track. */
const LABEL = "segment-metadata";
/** More segments than a player ever has at once. */
const MOST_LENGTHS = 2000;

export class Cues {
  private readonly order = new WeakMap<Cue, number>();
  private count = 0;
  /** Length of segments when they were first loaded, seconds, by their date. */
  private readonly lengths = new Map<number, number>();

  /** `whole`: of whole segments, which never grow; parts are told as segments that do. */
  constructor(
    private readonly tracks: CueTracks,
    private readonly whole: boolean,
  ) {
    tracks.addEventListener("addtrack", ({ track }) => {
      if (track.label !== LABEL) return;
      const add = track.addCue.bind(track);
      track.addCue = (cue) => {
        add(cue);
        this.note(track);
      };
    });
  }

  /** Segments that are loaded, in any order. */
  *segments(): Generator<Segment> {
    for (let i = 0; i < this.tracks.length; i++) {
      const track = this.tracks[i];
      if (track?.label !== LABEL) continue;
      const newest = new Map<number, Cue>();
      for (const cue of list(track)) {
        const date = dateOf(cue);
        if (!Number.isFinite(date)) continue;
        if (!this.whole) {
          yield { startTime: cue.startTime, endTime: cue.endTime, programDateTimeMs: date };
          continue;
        }
        const before = newest.get(date);
        if (before === undefined || this.place(before) < this.place(cue)) newest.set(date, cue);
      }
      for (const [date, { startTime, endTime }] of newest) {
        const lengthS = this.lengths.get(date) ?? endTime - startTime;
        yield { startTime: endTime - lengthS, endTime, programDateTimeMs: date };
      }
    }
  }

  private place(cue: Cue): number {
    return this.order.get(cue) ?? 0;
  }

  private note(track: CueTrack): void {
    for (const cue of list(track)) {
      if (this.order.has(cue)) continue;
      this.order.set(cue, ++this.count);
      const date = dateOf(cue);
      if (!this.lengths.has(date)) this.lengths.set(date, cue.endTime - cue.startTime);
    }
    for (const [oldest] of this.lengths) {
      if (this.lengths.size <= MOST_LENGTHS) break;
      this.lengths.delete(oldest);
    }
  }
}

/** The cues that a track has now. */
function list({ cues }: CueTrack): Cue[] {
  return cues === null ? [] : Array.from(cues).filter(({ value }) => value !== undefined);
}

/** Date of the segment, ms since the Unix epoch; NaN where there is none. */
function dateOf({ value }: Cue): number {
  return value?.programDateTime ?? Date.parse(value?.dateTimeString ?? "");
}
