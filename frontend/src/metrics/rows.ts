/** What changed since the last picture, for a data set that is streamed into and evicted from. */
import type { History } from "./history";
import type { Row } from "./spec";

/** Follows the histories of a chart from picture to picture. */
export class Rows {
  /** `appended` of every history when it was last looked at. */
  private readonly seen: number[] = [];
  /** Points of every history that were given out, counted as `appended` counts. */
  private readonly given: number[] = [];
  private followed: readonly History[] = [];
  private from = Infinity;

  /**
   * Rows to insert for a window from `fromMs` to `toMs`; `reset` when those before must go first,
   * because the window grew or moved to the left, or a series was replaced or is another. What is
   * later than the window is not given out yet: it would stretch the value axis.
   */
  advance(histories: readonly History[], fromMs: number, toMs: number): { reset: boolean; rows: Row[] } {
    const reset = fromMs < this.from || histories.some((history, s) => this.rewritten(history, s));
    this.from = fromMs;
    this.followed = histories;
    const rows: Row[] = [];
    histories.forEach((history, s) => {
      // One point on either side of the window, so that its lines run out of it.
      const oldest = Math.max(0, history.indexAt(fromMs) - 1);
      const end = Math.min(history.length, history.indexAt(toMs) + 1);
      const evicted = history.appended - history.length;
      const first = reset ? oldest : Math.max(oldest, (this.given[s] ?? 0) - evicted);
      const pauseMs = history.pauseMs();
      for (let i = first; i < end; i++) {
        const v = history.value(i);
        const t = history.time(i);
        const before = i > oldest ? history.time(i - 1) : t;
        if (t - before > pauseMs) rows.push({ t: (before + t) / 2, s, v: null });
        rows.push({ t, s, v: Number.isFinite(v) ? v : null });
      }
      this.seen[s] = history.appended;
      this.given[s] = Math.max(reset ? 0 : (this.given[s] ?? 0), evicted + end);
    });
    return { reset, rows };
  }

  /** Points were replaced, or one came late: what was given out is no longer a prefix. */
  private rewritten(history: History, s: number): boolean {
    if (history !== this.followed[s]) return true;
    const seen = this.seen[s];
    if (seen === undefined || seen === history.appended) return false;
    return history.rewrittenAt > seen;
  }
}
