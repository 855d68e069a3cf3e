/**
 * A window that follows a stream without flickering, as `Follow` of the runner's crate `pixels`: while the scene stays
 * what it is, it does not move at all; else so slowly that no picture differs visibly from the one before.
 */
import type { Limits } from "../display/settings";
import { windowOf, type Window } from "./look";
import type { Pixels } from "./pixels";
import { between, sample, type Ignore } from "./sample";

/** What an automatic window goes by. */
export interface Auto {
  /** Where it begins and ends, percent of the values. */
  percentiles: Limits;
  ignore: Ignore;
}

/** Pixels that Auto once looks at. */
const ONCE = 1 << 17;
/** Largest step of either limit from frame to frame, in widths of the window. */
const MAX_STEP = 0.0075;
/** The scene is looked at so often, ms, or after so many frames, for a clock that stands or goes back. */
const LOOK_MS = 100;
const LOOK_AFTER = 30;
/** Time over which percentiles are averaged, ms. */
const AVERAGE_MS = 500;
/** A limit so far off, in widths of the window, makes it move, until both are as near as the latter. */
const OFF = 0.03;
const NEAR = 0.003;

/** The window of one frame; null where no value counts. */
export function once(pixels: Pixels, { percentiles, ignore }: Auto): Window | null {
  return between(sample(pixels, ONCE, ignore), percentiles);
}

export class Follow {
  private lookedMs: number | null = null;
  private unseen = 0;
  private target: Window | null = null;
  private shown: Window | null = null;
  private moving = false;
  private seq: number | null = null;

  constructor(readonly auto: Auto) {}

  /** The window for the next frame, or the same once more for the same frame; null until a value came that counts. */
  window(pixels: Pixels): Window | null {
    const { captureMs, seq } = pixels.frame;
    if (seq === this.seq) return this.shown;
    this.seq = seq;
    const sinceMs = this.lookedMs === null ? 0 : captureMs - this.lookedMs;
    this.unseen++;
    if (this.lookedMs === null || sinceMs >= LOOK_MS || this.unseen >= LOOK_AFTER) {
      this.lookedMs = captureMs;
      this.unseen = 0;
      this.look(pixels, Math.max(sinceMs, LOOK_MS));
    }
    if (this.target === null || this.shown === null) return null;
    this.shown = this.step(this.target, this.shown);
    return this.shown;
  }

  private step(target: Window, shown: Window): Window {
    const width = shown.white - shown.black;
    const [black, white] = [target.black - shown.black, target.white - shown.white];
    const within = (share: number) => Math.max(Math.abs(black), Math.abs(white)) <= share * width;
    this.moving = !within(this.moving ? NEAR : OFF);
    if (!this.moving) return shown;
    const most = MAX_STEP * width;
    // First wider, then narrower: what is clipped comes into view soonest.
    const inwards = black < -NEAR * width || white > NEAR * width ? 0 : most;
    const clamp = (way: number, least: number, largest: number) => Math.min(largest, Math.max(least, way));
    const next = windowOf(
      shown.black + clamp(black, -most, inwards),
      shown.white + clamp(white, -inwards, most),
    );
    return next ?? shown;
  }

  private look(pixels: Pixels, sinceMs: number): void {
    const all = pixels.width * pixels.height;
    const most = Math.min(16_384, Math.max(2048, Math.floor(all / 256)));
    const seen = between(sample(pixels, most, this.auto.ignore), this.auto.percentiles);
    if (seen === null) return;
    const weight = 1 - Math.exp(-sinceMs / AVERAGE_MS);
    const { target } = this;
    if (target === null) this.target = seen;
    else {
      const mean = (old: number, now: number) => old + weight * (now - old);
      this.target = windowOf(mean(target.black, seen.black), mean(target.white, seen.white)) ?? target;
    }
    this.shown ??= this.target;
  }
}
