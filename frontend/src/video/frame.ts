/** Which frame is on screen. */

export interface ShownFrame {
  /** Of its producer, 16 hexadecimal digits; null while only the capture time is known. */
  session: string | null;
  /** Its number in that session; null while only the capture time is known. */
  seq: number | null;
  /** Capture time, ms since the Unix epoch. */
  captureMs: number;
  /** Presentation time in the stream, microseconds since its first frame; null while it is not known. */
  mediaUs: number | null;
}

/** Whether both are one frame; without numbers their capture times tell. */
export function sameFrame(a: ShownFrame, b: ShownFrame | null): boolean {
  if (b === null) return false;
  if (a.seq !== null && b.seq !== null) return a.seq === b.seq && a.session === b.session;
  return Math.abs(a.captureMs - b.captureMs) < 0.5;
}
