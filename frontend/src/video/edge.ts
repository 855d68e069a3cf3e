/**
 * The place of a player of parts. It starts a few parts behind the end of the playlist and plays at its own speed,
 * which keeps it there; only a stall leaves it further behind, for good. Then it jumps.
 */
import type { Position, Step } from "./pace";

/** Parts of 0.1 to 0.2 s allow 0.3 to 0.5 s; so far behind it lost its place, ms. */
const LOST_MS = 1200;
/** For so long, ms: a single late frame tells nothing. */
const FOR_MS = 1000;
/** Between two jumps, ms. */
const PAUSE_MS = 5000;

export class EdgePace {
  private sinceMs: number | null = null;
  private jumpedMs = -Infinity;

  /** What to do at `nowMs`, of any monotonic clock. */
  step({ latencyMs }: Position, nowMs: number): Step {
    if (latencyMs === null || latencyMs < LOST_MS) {
      this.sinceMs = null;
      return { action: "play", rate: 1 };
    }
    this.sinceMs ??= nowMs;
    if (nowMs - this.sinceMs < FOR_MS || nowMs - this.jumpedMs < PAUSE_MS) return { action: "play", rate: 1 };
    this.jumpedMs = nowMs;
    this.sinceMs = null;
    return { action: "jump" };
  }
}
