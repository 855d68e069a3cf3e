/** Where the page stands in time: what its charts end at, and whether it stands still. Pure. */

/** What charts end at while the page is live: the frame on screen, or now. */
export type Follow = "step" | "live";

/** Everything stands still. Capture times, ms since the Unix epoch. */
export interface Stand {
  /** Of the frame on screen. */
  cursorMs: number;
  /** Of the frame that was asked for; null once it is on screen. */
  targetMs: number | null;
  /** Right edge of the charts. */
  endMs: number;
}

export interface Mode {
  follow: Follow;
  /** Null while the page is live. */
  stand: Stand | null;
}

export const LIVE: Mode = { follow: "step", stand: null };

/** Of a window that has to move to the left, the part that is shown before the cursor. */
const LEAD_IN = 0.1;

/** Right edge of a window of `windowMs` that ends at `endMs`, or at the nearest time that keeps `atMs` in view. */
export function inView(endMs: number, atMs: number, windowMs: number): number {
  if (atMs > endMs) return atMs;
  if (atMs < endMs - windowMs) return atMs + (1 - LEAD_IN) * windowMs;
  return endMs;
}

/** Everything stands still at the frame on screen; charts stay where they are if that shows it. */
export function pause(mode: Mode, cursorMs: number, endMs: number, windowMs: number): Mode {
  if (mode.stand !== null) return mode;
  return { ...mode, stand: { cursorMs, targetMs: null, endMs: inView(endMs, cursorMs, windowMs) } };
}

/** Another frame is asked for. A page that was live stands still from now on. */
export function seek(mode: Mode, targetMs: number, endMs: number, windowMs: number): Mode {
  const stand = mode.stand ?? { cursorMs: targetMs, endMs };
  return { ...mode, stand: { ...stand, targetMs, endMs: inView(stand.endMs, targetMs, windowMs) } };
}

/** A frame came on screen: the one that was asked for, or one on the way there. */
export function arrive(mode: Mode, cursorMs: number, found: boolean, windowMs: number): Mode {
  if (mode.stand === null) return mode;
  const targetMs = found ? null : mode.stand.targetMs;
  return {
    ...mode,
    stand: { cursorMs, targetMs, endMs: inView(mode.stand.endMs, targetMs ?? cursorMs, windowMs) },
  };
}

/** Back to what is new. */
export function goLive(mode: Mode): Mode {
  return mode.stand === null ? mode : { ...mode, stand: null };
}

/** In step, or live. */
export function toggle(mode: Mode): Mode {
  return { ...mode, follow: mode.follow === "step" ? "live" : "step" };
}
