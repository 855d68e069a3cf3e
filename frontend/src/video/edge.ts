/**
 * The place of a player of parts. It starts a few parts behind the end of the playlist and plays at its own speed,
 * which keeps it there; only a stall leaves it further behind, for good. Then it plays a little faster for a while, or
 * jumps. A player that stalls again and again is left where it can play.
 */
import type { Step } from "./pace";

/** The live edge moves on by parts of 0.1 to 0.2 s: what counts is how near it came of late, ms. */
const WINDOW_MS = 1000;
/** So near to the edge is where it belongs, seconds; every stall allows as much more, up to the cap. */
const ALLOWED_S = 0.1;
const CAP_S = 0.5;
/** So long without a stall takes back one of them, ms. */
const CALM_MS = 30_000;
/** Faster by what nobody notices, until it is so near, seconds. */
const FASTER = 1.05;
const NEAR_S = 0.04;
/** Further than this it would take too long, seconds. */
const JUMP_S = 0.7;
/** Between two jumps, ms. */
const PAUSE_MS = 5000;

export class EdgePace {
  private samples: { atMs: number; behindS: number }[] = [];
  private allowedS = ALLOWED_S;
  private calmSinceMs = -Infinity;
  private jumpedMs = -Infinity;
  private correcting = false;

  /** It ran out of pictures although the stream went on. Times are of any monotonic clock, ms. */
  starved(nowMs: number): void {
    this.allowedS = Math.min(CAP_S, this.allowedS + ALLOWED_S);
    this.calmSinceMs = nowMs;
    this.correcting = false;
  }

  /** What to do, so far behind the live edge, seconds. */
  step(behindS: number, nowMs: number): Step {
    if (nowMs - this.calmSinceMs > CALM_MS) {
      this.allowedS = Math.max(ALLOWED_S, this.allowedS - ALLOWED_S);
      this.calmSinceMs = nowMs;
    }
    this.samples.push({ atMs: nowMs, behindS });
    if (nowMs - (this.samples[0]?.atMs ?? nowMs) < WINDOW_MS) return { action: "play", rate: 1 };
    this.samples = this.samples.filter(({ atMs }) => atMs >= nowMs - WINDOW_MS);
    const nearestS = Math.min(...this.samples.map((sample) => sample.behindS));
    if (nearestS > JUMP_S && nowMs - this.jumpedMs > PAUSE_MS) {
      this.jumpedMs = nowMs;
      this.samples = [];
      return { action: "jump" };
    }
    if (nearestS > this.allowedS) this.correcting = true;
    else if (nearestS < NEAR_S + this.allowedS - ALLOWED_S) this.correcting = false;
    return { action: "play", rate: this.correcting ? FASTER : 1 };
  }
}
