/** Intervals of which the median is the usual one, and the fewest that tell it. */
const INTERVALS = 32;
const LEAST_INTERVALS = 4;

/** Samples of one series, in order of capture time, in memory that is bounded by age and by number. */
export class History {
  /** Ring-free: a growing pair of arrays whose evicted head is dropped when it is half of them. */
  private times = new Float64Array(256);
  private values = new Float64Array(256);
  private head = 0;
  private tail = 0;

  /** Samples that ever came: grows with whatever is new. */
  appended = 0;

  /** Value of `appended` when the past was last changed: a replacement, or a sample that came late. */
  rewrittenAt = 0;

  /** Points that are held. */
  get length(): number {
    return this.tail - this.head;
  }

  /** Time of the newest point, ms since the Unix epoch; null when empty. */
  get lastTime(): number | null {
    return this.length === 0 ? null : (this.times[this.tail - 1] ?? null);
  }

  /** Value of the newest point; null when empty. */
  get lastValue(): number | null {
    return this.length === 0 ? null : (this.values[this.tail - 1] ?? null);
  }

  /** Time of point `index`, counted from the oldest. */
  time(index: number): number {
    return this.times[this.head + index] ?? NaN;
  }

  /** Value of point `index`, counted from the oldest. */
  value(index: number): number {
    return this.values[this.head + index] ?? NaN;
  }

  /**
   * Adds samples; one that is older than its predecessor moves to its place. Of more than `limit`
   * points the oldest are dropped.
   */
  append(t: readonly number[], v: readonly number[], limit = Infinity): void {
    this.reserve(t.length);
    for (let i = 0; i < t.length; i++) this.insert(t[i] ?? NaN, v[i] ?? NaN);
    if (this.length > limit) this.head = this.tail - limit;
  }

  /** Forgets everything and takes these samples instead. */
  replace(t: readonly number[], v: readonly number[], limit = Infinity): void {
    this.head = this.tail = 0;
    this.append(t, v, limit);
    this.rewrittenAt = ++this.appended;
  }

  /** Drops points older than `timeMs`. */
  evict(timeMs: number): void {
    this.head += this.indexAt(timeMs);
  }

  /** Index of the first point at or after `timeMs`; `length` when there is none. */
  indexAt(timeMs: number): number {
    let low = this.head;
    let high = this.tail;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.times[middle] ?? NaN) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /**
   * A longer way between two points is a pause and no line, ms: five times the usual interval, one
   * second at least. Infinity while too few points are held to know what is usual.
   */
  pauseMs(): number {
    const n = Math.min(INTERVALS, this.length - 1);
    if (n < LEAST_INTERVALS) return Infinity;
    const intervals = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const i = Math.floor((k * (this.length - 1)) / n);
      intervals[k] = this.time(i + 1) - this.time(i);
    }
    intervals.sort();
    return Math.max(1000, 5 * (intervals[n >> 1] ?? Infinity));
  }

  private insert(t: number, v: number): void {
    if (!Number.isFinite(t)) return;
    let at = this.tail++;
    this.appended++;
    if (at > this.head && (this.times[at - 1] ?? -Infinity) > t) this.rewrittenAt = this.appended;
    while (at > this.head && (this.times[at - 1] ?? -Infinity) > t) {
      this.times[at] = this.times[at - 1] ?? NaN;
      this.values[at] = this.values[at - 1] ?? NaN;
      at--;
    }
    this.times[at] = t;
    this.values[at] = v;
  }

  private reserve(more: number): void {
    if (this.tail + more <= this.times.length) return;
    let capacity = this.times.length;
    while (capacity < 2 * (this.length + more)) capacity *= 2;
    this.times = moved(this.times, this.head, this.tail, capacity);
    this.values = moved(this.values, this.head, this.tail, capacity);
    this.tail -= this.head;
    this.head = 0;
  }
}

/** Points that one series may hold so that all of them together stay within about 4 million. */
export function pointsPerSeries(seriesCount: number): number {
  return Math.min(32_768, Math.max(2_048, Math.floor(4e6 / Math.max(1, seriesCount))));
}

function moved(from: Float64Array, start: number, end: number, capacity: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(capacity);
  to.set(from.subarray(start, end));
  return to;
}
