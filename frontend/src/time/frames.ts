/**
 * Frames on screen whose samples are still under way. On a fast path a picture overtakes the
 * numbers of its moment by some 10 ms: the cursor steps on when both are here, so that what is read
 * at it always belongs together.
 */

/** A frame waits no longer than this, ms: a series that pauses holds nobody back. */
export const PATIENCE_MS = 100;
/** Frames that may wait; of more the oldest are forgotten. */
const MOST = 64;

export class WaitingFrames {
  private readonly waiting: { captureMs: number; shownMs: number }[] = [];

  /** A frame came on screen at `shownMs` (performance.now()). */
  push(captureMs: number, shownMs: number): void {
    this.waiting.push({ captureMs, shownMs });
    if (this.waiting.length > MOST) this.waiting.shift();
  }

  /**
   * The newest frame that need not wait any more, or null; those before it are forgotten.
   * `knownMs` is how far the samples reach, ms since the Unix epoch, null when none belong to
   * frames; `nowMs` is performance.now().
   */
  settle(knownMs: number | null, nowMs: number): number | null {
    const last = this.waiting.findLastIndex(
      ({ captureMs, shownMs }) => knownMs === null || captureMs <= knownMs || nowMs - shownMs >= PATIENCE_MS,
    );
    if (last < 0) return null;
    const [settled] = this.waiting.splice(0, last + 1).slice(-1);
    return settled?.captureMs ?? null;
  }

  get empty(): boolean {
    return this.waiting.length === 0;
  }

  clear(): void {
    this.waiting.length = 0;
  }
}

/** A series of about the rate of a picture tells something of each of its frames. */
export function belongs(rate: number | null, fps: number | null): boolean {
  return rate !== null && fps !== null && rate >= 0.75 * fps && rate <= 1.5 * fps;
}
