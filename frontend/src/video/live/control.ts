/**
 * Where a live picture stands behind the newest frame, and how fast to play to hold that distance.
 *
 * The clock of a video element runs whether frames come or not. It is looked at whenever a frame arrives: by how much
 * is the clock behind it? Whatever is left then is what the decoder and the screen have for it. A clock too close to
 * the newest frames loses those that come a little late; too far away, everybody waits for nothing.
 */

/** What to do with the clock. */
export type Step = { action: "play"; rate: number } | { action: "jump" };

/** Time that most frames shall have between arrival and their turn, ms. */
export const TARGET_MS = 50;
/** Frames that come late widen the distance up to this, ms. */
const CAP_MS = 110;
/** By so much, ms, and it narrows again by so much per second. */
const RAISE_MS = 8;
const FALL_MS_PER_S = 1;
/** Less than this is late, ms. */
const LATE_MS = 12;
/**
 * Further behind than this it jumps, ms. Not before: after a jump a browser shows what it decodes on the way, from the
 * last key frame on, and nothing on screen is ever to go back.
 */
export const JUMP_MS = 1500;
/** Arrivals that are looked back upon, ms. */
const WINDOW_MS = 1000;
/** Of the arrivals this share may have less time than the target. */
const SHARE = 0.25;
/**
 * It corrects from here on until there, ms, at a speed that depends on the error. Seldom and briefly: a browser that
 * shows every frame for so many refreshes of the screen has to leave one out now and then at 1.005 times the speed, and
 * begins to count anew at each change.
 */
const OFF_MS = 15;
const NEAR_MS = 2;
const SPEEDS = [
  { fromMs: 400, change: 1 },
  { fromMs: 200, change: 0.3 },
  { fromMs: 60, change: 0.1 },
  { fromMs: 0, change: 0.04 },
];
const SLOWEST = 0.5;
/** After a jump the clock settles, ms; longer if one jump follows the other. */
const PAUSE_MS = { first: 400, cap: 10_000 };
/** Jumps closer than this follow each other, ms. */
const RELATED_MS = 5000;

export class Control {
  private samples: { atMs: number; behindMs: number }[] = [];
  private targetMs = TARGET_MS;
  private rate = 1;
  private jumpedMs = -Infinity;
  private pauseMs = PAUSE_MS.first;

  /** What it aims at, ms. */
  get target(): number {
    return this.targetMs;
  }

  /**
   * A frame arrived at `nowMs` (any monotonic clock), `behindMs` ahead of what the clock shows; negative when its turn
   * is over. Says what to do next; of a jump it wants to hear when it is done.
   */
  arrived(nowMs: number, behindMs: number): Step {
    if (nowMs - this.jumpedMs < this.pauseMs) return this.play(1);
    const sinceMs = nowMs - (this.samples.at(-1)?.atMs ?? nowMs);
    // What was measured before would be measured so now: the clock ran at another speed than the frames since.
    for (const sample of this.samples) sample.behindMs -= (this.rate - 1) * sinceMs;
    this.samples.push({ atMs: nowMs, behindMs });
    while ((this.samples[0]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.samples.shift();
    if (behindMs > JUMP_MS) return { action: "jump" };
    const fallMs = (FALL_MS_PER_S * Math.min(1000, sinceMs)) / 1000;
    this.targetMs = Math.max(TARGET_MS, this.targetMs - fallMs);
    if (behindMs < LATE_MS && this.rate === 1) this.targetMs = Math.min(CAP_MS, this.targetMs + RAISE_MS);

    const errorMs = this.typical() - this.targetMs;
    if (Math.abs(errorMs) > OFF_MS) {
      const change = SPEEDS.find(({ fromMs }) => Math.abs(errorMs) >= fromMs)?.change ?? 0;
      // What is begun is finished at the same speed, unless it has to be faster.
      if (Math.sign(this.rate - 1) !== Math.sign(errorMs) || Math.abs(this.rate - 1) < change) {
        return this.play(Math.max(SLOWEST, 1 + Math.sign(errorMs) * change));
      }
    } else if (errorMs * (this.rate - 1) <= 0 || Math.abs(errorMs) < NEAR_MS) return this.play(1);
    return this.play(this.rate);
  }

  /** Frames are missing, or the clock was set: what was measured before counts no more. */
  begin(): void {
    this.samples = [];
  }

  /** The clock was set. */
  jumped(nowMs: number): void {
    this.begin();
    this.rate = 1;
    const related = nowMs - this.jumpedMs < this.pauseMs + RELATED_MS;
    this.pauseMs = related ? Math.min(PAUSE_MS.cap, this.pauseMs * 2) : PAUSE_MS.first;
    this.jumpedMs = nowMs;
  }

  private play(rate: number): Step {
    this.rate = rate;
    return { action: "play", rate };
  }

  /** So much, or less, have the frames that come latest. */
  private typical(): number {
    const sorted = this.samples.map(({ behindMs }) => behindMs).sort((a, b) => a - b);
    return sorted[Math.floor(SHARE * (sorted.length - 1))] ?? this.targetMs;
  }
}
