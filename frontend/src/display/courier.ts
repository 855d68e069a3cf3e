/**
 * Brings what a person changes to the runner: one delivery under way at most, each begun no sooner than an interval
 * after the one before. What comes meanwhile is merged, so that it is bounded and the newest wins.
 */

export interface Errand<T> {
  /** Brings it there; never rejects. */
  deliver(load: T): Promise<void>;
  /** It is there, or never will be. */
  done(): void;
  /** What two loads are together, the second being the newer one. */
  merge(older: T, newer: T): T;
  /** Between the beginnings of two deliveries, ms. */
  intervalMs: number;
}

export class Courier<T> {
  private waiting: T | null = null;
  private carried: T | null = null;
  private begunMs = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly errand: Errand<T>) {}

  /** What was given and is not known to have arrived, oldest first. */
  get loads(): readonly T[] {
    return [this.carried, this.waiting].filter((load) => load !== null);
  }

  give(load: T): void {
    this.waiting = this.waiting === null ? load : this.errand.merge(this.waiting, load);
    this.leave();
  }

  /** What has not left yet never will. */
  dispose(): void {
    clearTimeout(this.timer);
    this.waiting = null;
  }

  private leave(): void {
    clearTimeout(this.timer);
    if (this.waiting === null || this.carried !== null) return;
    const tooEarlyMs = this.begunMs + this.errand.intervalMs - performance.now();
    if (tooEarlyMs > 0) {
      this.timer = setTimeout(() => this.leave(), tooEarlyMs);
      return;
    }
    this.carried = this.waiting;
    this.waiting = null;
    this.begunMs = performance.now();
    void this.errand.deliver(this.carried).finally(() => {
      this.carried = null;
      this.errand.done();
      this.leave();
    });
  }
}
