/** The value of a series at the moment of a frame. */
import type { History } from "../metrics/history";

export interface Reading {
  /** Capture time of the sample, ms since the Unix epoch. */
  t: number;
  v: number;
  /** Whether the sample is of the moment of the frame, and not only the last before it. */
  matches: boolean;
}

/**
 * The sample nearest to `captureMs` if it is no further from it than `toleranceMs` (half the time
 * from frame to frame), else the last one before; null where there is none.
 */
export function read(history: History, captureMs: number, toleranceMs: number): Reading | null {
  const after = history.indexAt(captureMs);
  // Of two samples equally far away the earlier one: it was known when the frame was captured.
  const distance = (i: number) =>
    i < 0 || i >= history.length ? Infinity : Math.abs(history.time(i) - captureMs);
  const nearest = distance(after) < distance(after - 1) ? after : after - 1;
  const matches = distance(nearest) <= toleranceMs;
  const index = matches ? nearest : after - 1;
  if (index < 0) return null;
  return { t: history.time(index), v: history.value(index), matches };
}
