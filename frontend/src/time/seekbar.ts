/** Where a time is on a seek bar, and which time a place or a key means. Pure. */

/** Capture times, ms since the Unix epoch. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** The oldest video goes while it is sought: so much of it is not offered, ms. */
const GOING_MS = 3000;

/**
 * What the bar offers of what the runner keeps: all of it while that only grows (its begin is still
 * `firstMs`), else all but the video that is about to go. A frame newer than what is kept is on the bar too.
 */
export function offered(kept: Span, firstMs: number, atMs: number): Span {
  const toMs = Math.max(kept.toMs, atMs);
  const fromMs = kept.fromMs === firstMs ? kept.fromMs : Math.min(kept.fromMs + GOING_MS, toMs);
  return { fromMs, toMs };
}

/** Place of a time on the bar, 0 to 1. */
export function share({ fromMs, toMs }: Span, atMs: number): number {
  if (!(toMs > fromMs)) return 1;
  return Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
}

/** Time at a place of the bar; what is beyond an end is the end. */
export function timeAt({ fromMs, toMs }: Span, place: number): number {
  return fromMs + Math.min(1, Math.max(0, place)) * Math.max(0, toMs - fromMs);
}

/** What a key on the bar asks for. */
export type Move = { seekMs: number } | "live" | null;

/** PageUp and PageDown move by this, ms. */
const PAGE_MS = 10_000;

/** Keys that only the bar knows; those of the page (arrows) work on it as everywhere. */
export function move(key: string, span: Span, atMs: number): Move {
  switch (key) {
    case "Home":
      return { seekMs: span.fromMs };
    case "End":
      return "live";
    case "PageUp":
      return { seekMs: Math.min(span.toMs, atMs + PAGE_MS) };
    case "PageDown":
      return { seekMs: Math.max(span.fromMs, atMs - PAGE_MS) };
    default:
      return null;
  }
}
