/** What changed since the last picture, for a data set that is streamed into and evicted from. */
import type { History } from "./history";
import type { Row } from "./spec";

/** Follows the histories of a chart from picture to picture. */
export class Rows {
  private readonly seen: number[] = [];
  private followed: readonly History[] = [];
  private from = Infinity;

  /**
   * Rows to insert for a window that begins at `fromMs`; `reset` when those before must go first,
   * because the window grew to the left, or a series was replaced or is another.
   */
  advance(histories: readonly History[], fromMs: number): { reset: boolean; rows: Row[] } {
    const reset = fromMs < this.from || histories.some((history, s) => this.rewritten(history, s));
    this.from = fromMs;
    this.followed = histories;
    const rows: Row[] = [];
    histories.forEach((history, s) => {
      // One point before the window, so that its line runs out of it.
      const oldest = Math.max(0, history.indexAt(fromMs) - 1);
      const first = reset ? oldest : Math.max(oldest, history.length - this.fresh(history, s));
      const pauseMs = history.pauseMs();
      for (let i = first; i < history.length; i++) {
        const v = history.value(i);
        const t = history.time(i);
        const before = i > oldest ? history.time(i - 1) : t;
        if (t - before > pauseMs) rows.push({ t: (before + t) / 2, s, v: null });
        rows.push({ t, s, v: Number.isFinite(v) ? v : null });
      }
      this.seen[s] = history.appended;
    });
    return { reset, rows };
  }

  private fresh(history: History, s: number): number {
    return history.appended - (this.seen[s] ?? 0);
  }

  /** Points were replaced, or one came late: what is in the data set is no longer a prefix. */
  private rewritten(history: History, s: number): boolean {
    if (history !== this.followed[s]) return true;
    const seen = this.seen[s];
    if (seen === undefined || seen === history.appended) return false;
    return history.rewrittenAt > seen;
  }
}
