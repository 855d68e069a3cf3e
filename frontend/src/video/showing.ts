/** What is on screen. */
import type { ShownFrame } from "./frame";
import type { Path } from "./path";

export interface Showing {
  /** Whether any frame was ever shown. */
  shown: boolean;
  /** Since the newest frame came on screen, ms; null before the first. */
  sinceFrameMs: number | null;
  /** Capture to screen of the frame on screen, ms; to now if it stands. Null when not known, never negative. */
  latencyMs: number | null;
  /** Frames that came on screen per second. */
  shownFps: number | null;
  /** Frames that came and were not shown by this browser. */
  skipped: number;
  paused: boolean;
  /** Why the newest player was given up. */
  trouble: string | null;
  /** The frame on screen. */
  frame: ShownFrame | null;
  /** How it got there. */
  path: Path | null;
  /** Why not a faster way; null when it is the fastest, or the one that was asked for. */
  pathNote: string | null;
  /** Frames that did not come, for this browser or its connection was too slow for them. */
  missed: number;
  /** Capture times that can be sought, ms since the Unix epoch. */
  dvr: Range | null;
  /** Nobody sees it, and nothing plays: what is shown is the picture of then. */
  asleep: boolean;
  /** The picture that was asked for is not on screen yet. */
  seeking: boolean;
}

/** Capture times, ms since the Unix epoch. */
export interface Range {
  fromMs: number;
  toMs: number;
}

/** The end of the last segment may be heard of before its frames, and those behind it, are known one by one, ms. */
const AT_END_MS = 1000;
/** What was captured so long after the last segment is of a clock of its own, or of a stream of rare pictures, ms. */
const BEYOND_MS = 10_000;

/** Whether it was captured so late, ms since the Unix epoch, that no segment may have it yet and one will. */
export function isLate(captureMs: number, dvr: Range | null): boolean {
  return dvr === null || (captureMs > dvr.toMs - AT_END_MS && captureMs < dvr.toMs + BEYOND_MS);
}

export const NOTHING: Showing = {
  shown: false,
  sinceFrameMs: null,
  latencyMs: null,
  shownFps: null,
  skipped: 0,
  paused: false,
  trouble: null,
  frame: null,
  path: null,
  pathNote: null,
  missed: 0,
  dvr: null,
  asleep: false,
  seeking: false,
};
