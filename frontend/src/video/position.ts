/**
 * Which frame of a playlist is on screen: the segment's PROGRAM-DATE-TIME is the capture time of its first frame, and a
 * frame's media time says how far into the segment it is. `currentTime` is not used: it is not the time of the frame
 * that is shown.
 */
import type { ShownFrame } from "./frame";
import type { Entry, Timeline } from "./timeline";

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
/** Dates of playlists are whole ms: what was captured so little before one may be its first frame. */
const DATE_MS = 1.5;
/** A frame this far after the last known segment belongs to one that is not known yet, seconds. */
const BEYOND_S = 0.5;

/** The segment that the frame of a media time belongs to; null when it is not known. */
export function segmentAt(segments: Iterable<Segment>, mediaTime: number): Segment | null {
  let best: Segment | null = null;
  for (const segment of segments) {
    if (segment.startTime > mediaTime + SAME_S) continue;
    if (best === null || segment.startTime > best.startTime) best = segment;
  }
  return best === null || mediaTime > best.endTime + BEYOND_S ? null : best;
}

/** Capture time, ms since the Unix epoch, of the frame at a media time: exact where capture times do not jitter. */
export function captureTime(segments: Iterable<Segment>, mediaTime: number): number | null {
  const segment = segmentAt(segments, mediaTime);
  return segment === null ? null : segment.programDateTimeMs + (mediaTime - segment.startTime) * 1000;
}

/**
 * The frame at a media time of a playlist. The timeline knows the frame that the date of a segment means, and which
 * one follows it after so much media time; where it knows nothing, only the capture time is told.
 */
export function identify(
  segments: Iterable<Segment>,
  mediaTime: number,
  timeline: Timeline,
): ShownFrame | null {
  const segment = segmentAt(segments, mediaTime);
  if (segment === null) return null;
  const offsetS = mediaTime - segment.startTime;
  const first = timeline.dated(segment.programDateTimeMs);
  const entry = first === null ? null : timeline.at(first.mediaUs + offsetS * 1e6);
  if (entry !== null) return entry;
  const captureMs = segment.programDateTimeMs + offsetS * 1000;
  return { session: null, seq: null, captureMs, mediaUs: null };
}

/**
 * Where a player finds a frame: media time, seconds; null while its segment is not loaded. `home` is that segment as the
 * playlist has it; null where the playlist has it no more. A player may take a segment for longer than it is.
 */
export function locate(
  segments: Iterable<Segment>,
  home: Segment | null,
  frame: Entry,
  timeline: Timeline,
): number | null {
  for (const segment of segments) {
    if (home !== null && Math.abs(segment.programDateTimeMs - home.programDateTimeMs) > DATE_MS) continue;
    const first = timeline.dated(segment.programDateTimeMs);
    if (first === null) continue;
    const offsetS = (frame.mediaUs - first.mediaUs) / 1e6;
    if (offsetS < -SAME_S) continue;
    if (home !== null || segment.startTime + offsetS < segment.endTime - SAME_S) {
      return segment.startTime + offsetS;
    }
  }
  return null;
}

/**
 * The segment of a playlist, oldest first, that has a frame, or what was captured then, ms since the Unix epoch. Told by
 * media time where that of the segment's first frame is known, for capture times may jitter. Null where none has it, or
 * one that is not listed.
 */
export function segmentOf(
  listed: readonly Segment[],
  captureMs: number,
  frame: Entry | null,
  timeline: Timeline,
): Segment | null {
  const has = ({ startTime, endTime, programDateTimeMs }: Segment): boolean => {
    const first = frame === null ? null : timeline.dated(programDateTimeMs);
    const [intoS, offS] =
      frame === null || first === null
        ? [(captureMs - programDateTimeMs) / 1000, DATE_MS / 1000]
        : [(frame.mediaUs - first.mediaUs) / 1e6, SAME_S];
    return intoS > -offS && intoS < endTime - startTime - offS;
  };
  const guess = listed.findLastIndex(({ programDateTimeMs }) => programDateTimeMs <= captureMs + DATE_MS);
  const beside = [guess + 1, guess, guess - 1].flatMap((index) => listed[index] ?? []);
  return beside.find(has) ?? null;
}

/** How far the frame on screen is behind its capture, ms; never negative, null when not known. */
export function latency(captureMs: number | null, nowMs: number): number | null {
  return captureMs === null ? null : Math.max(0, nowMs - captureMs);
}
