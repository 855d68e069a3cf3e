/**
 * How much of the main thread charts may take, so that they never make a picture stutter.
 *
 * After work of `n` ms nothing is drawn for `n * (1 / share - 1)` ms: whatever a chart costs on
 * this machine, its rate gives way and the share holds.
 */
export class Budget {
  private resumeMs = -Infinity;

  /** `share` of the main thread, between 0 and 1; may be changed at any time. */
  constructor(public share: number) {}

  /** Whether anything may be drawn at `nowMs`. */
  allows(nowMs: number): boolean {
    return nowMs >= this.resumeMs;
  }

  /** Work that ended at `nowMs` and took `costMs`. */
  spent(nowMs: number, costMs: number): void {
    this.resumeMs = nowMs + costMs * (1 / this.share - 1);
  }
}

/** A moving mean that forgets half of the past in about `7 / 10` of `over` samples. */
export function smoothed(mean: number | null, sample: number, over = 8): number {
  return mean === null ? sample : mean + (sample - mean) / over;
}
