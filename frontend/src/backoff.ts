/** Delays between attempts: growing, capped, jittered so that pages do not return as one. */
export class Backoff {
  private attempts = 0;

  /** `firstMs` and `capMs` bound every delay from below (times the jitter) and above. */
  constructor(
    private readonly firstMs: number,
    private readonly capMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next delay in milliseconds, between 50 and 100 % of a step that doubles. */
  next(): number {
    const step = Math.min(this.capMs, this.firstMs * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, 30);
    return step * (0.5 + 0.5 * this.random());
  }

  /** Something worked: begin again with the shortest delay. */
  reset(): void {
    this.attempts = 0;
  }
}
