/**
 * Which frame is on screen: the segment's PROGRAM-DATE-TIME is the capture time of its first
 * frame, and a frame's media time says how far into the segment it is. `currentTime` is not
 * used: it is not the time of the frame that is shown.
 */

/** One appended segment, from the cues of the `segment-metadata` track of the player. */
export interface Segment {
  /** Media time of its first frame, seconds. */
  startTime: number;
  /** Seconds. */
  endTime: number;
  /** Capture time of its first frame, ms since the Unix epoch. */
  programDateTimeMs: number;
}

/** Two media times closer than this are the same frame, seconds. */
const SAME_S = 0.001;
/** A frame this far after the last known segment belongs to one that is not known yet, seconds. */
const BEYOND_S = 0.5;

/** Capture time, ms since the Unix epoch, of the frame at a media time; null when it is not known. */
export function captureTime(segments: Iterable<Segment>, mediaTime: number): number | null {
  let best: Segment | null = null;
  for (const segment of segments) {
    if (segment.startTime > mediaTime + SAME_S) continue;
    if (best === null || segment.startTime > best.startTime) best = segment;
  }
  if (best === null || mediaTime > best.endTime + BEYOND_S) return null;
  return best.programDateTimeMs + (mediaTime - best.startTime) * 1000;
}

/** How far the frame on screen is behind its capture, ms; never negative, null when not known. */
export function latency(captureMs: number | null, nowMs: number): number | null {
  return captureMs === null ? null : Math.max(0, nowMs - captureMs);
}
