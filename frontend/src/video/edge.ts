/**
 * The place of a player of parts. It starts a few parts behind the end of the playlist and plays at its own speed,
 * which keeps it there; only a stall leaves it further behind, for good. Then it jumps.
 */
import type { Step } from "./pace";

/** So far behind the live edge it lost its place, seconds: the edge moves on by parts of 0.1 to 0.2 s. */
const LOST_S = 0.4;
/** For so long, ms: a playlist brings several parts at once now and then. */
const FOR_MS = 1000;
/** Between two jumps, ms; longer every time, for who falls behind again cannot do better. */
const PAUSE_MS = { first: 3000, cap: 60_000 };

export class EdgePace {
  private sinceMs: number | null = null;
  private pauseUntilMs = -Infinity;
  private pauseMs = PAUSE_MS.first;

  /** What to do at `nowMs`, of any monotonic clock, so far behind the live edge, seconds. */
  step(behindS: number, nowMs: number): Step {
    if (behindS < LOST_S) {
      this.sinceMs = null;
      if (nowMs - this.pauseUntilMs > this.pauseMs) this.pauseMs = PAUSE_MS.first;
      return { action: "play", rate: 1 };
    }
    this.sinceMs ??= nowMs;
    if (nowMs - this.sinceMs < FOR_MS || nowMs < this.pauseUntilMs) return { action: "play", rate: 1 };
    this.pauseUntilMs = nowMs + this.pauseMs;
    this.pauseMs = Math.min(PAUSE_MS.cap, this.pauseMs * 2);
    this.sinceMs = null;
    return { action: "jump" };
  }
}
