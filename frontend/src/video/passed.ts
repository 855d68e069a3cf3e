/**
 * Frames that the screen passed over: whatever lies between those that were shown, be it that the browser decoded them
 * and did not show them, or that the player jumped.
 */
import type { ShownFrame } from "./frame";
import type { Timeline } from "./timeline";

export class Passed {
  /** Frames so far. */
  count = 0;
  /** From here on it is to be counted. */
  private from: ShownFrame | null = null;
  /** Shown after that one. */
  private shown = 0;

  constructor(private readonly timeline: Timeline) {}

  /** This frame came on screen, after the one before. Counted as soon as the timeline knows both. */
  add(frame: ShownFrame): void {
    this.shown++;
    const toUs = this.mediaUs(frame);
    if (this.from !== null && toUs === null) return;
    const fromUs = this.from === null ? null : this.mediaUs(this.from);
    if (fromUs !== null && toUs !== null) {
      this.count += Math.max(0, this.timeline.between(fromUs, toUs) - (this.shown - 1));
    }
    this.from = frame;
    this.shown = 0;
  }

  /** What comes next on screen does not follow what was there. */
  interrupt(): void {
    this.from = null;
  }

  private mediaUs({ mediaUs, captureMs }: ShownFrame): number | null {
    return mediaUs ?? this.timeline.dated(captureMs)?.mediaUs ?? null;
  }
}
