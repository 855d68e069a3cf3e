/**
 * How fast to play so that a picture stays a steady while behind its capture.
 *
 * A player starts where the playlist happened to end, up to a segment too early or too late, and
 * stays there. Playing a few per cent faster or slower brings everyone to the same latency with no
 * frame skipped; whoever is far behind jumps.
 */

/** What the player knows of itself. */
export interface Position {
  /** Capture to screen, ms; null when not known. */
  latencyMs: number | null;
  /** Media loaded ahead of the frame on screen, seconds. */
  aheadS: number;
}

export type Step = { action: "play"; rate: number } | { action: "jump" };

/** Latency that three 1 s segments allow with room for a late playlist, ms. */
export const TARGET_MS = 3000;
/** An empty buffer raises the target by this, ms, up to the cap. */
const RAISE_MS = 250;
const CAP_MS = 3750;
/** Beyond this a person waits too long for a few per cent to help, ms. */
const JUMP_MS = 10_000;
/** Within `NEAR_MS` it plays at its own speed, until it is off by more than `OFF_MS`. */
const NEAR_MS = 40;
const OFF_MS = 200;
/** Change of speed per second of error, and its bounds. */
const GAIN = 0.1;
const SLOWEST = 0.95;
const FASTEST = 1.08;
/** Never run into the end of what is loaded, seconds. */
const RESERVE_S = 0.8;

export class Pace {
  private targetMs = TARGET_MS;
  private correcting = false;

  get target(): number {
    return this.targetMs;
  }

  /** The player ran out of pictures although the stream went on: keep a greater distance. */
  starved(): void {
    this.targetMs = Math.min(CAP_MS, this.targetMs + RAISE_MS);
  }

  /** What to do next. */
  step({ latencyMs, aheadS }: Position): Step {
    if (latencyMs === null) return { action: "play", rate: 1 };
    if (latencyMs > JUMP_MS) return { action: "jump" };
    const errorMs = latencyMs - this.targetMs;
    if (Math.abs(errorMs) > OFF_MS) this.correcting = true;
    else if (Math.abs(errorMs) < NEAR_MS) this.correcting = false;
    if (!this.correcting) return { action: "play", rate: 1 };
    const wanted = 1 + (errorMs / 1000) * GAIN;
    const rate = Math.min(FASTEST, Math.max(SLOWEST, wanted));
    if (rate > 1 && aheadS < RESERVE_S) return { action: "play", rate: 1 };
    // Whole per cents: a player need not hear of less.
    return { action: "play", rate: Math.round(rate * 100) / 100 };
  }
}
