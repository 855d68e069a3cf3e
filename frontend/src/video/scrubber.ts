/**
 * Finds one frame in a film and has it shown: exactly the one that was asked for, which is checked by the frame that
 * comes on screen and corrected until it is right.
 */
import type { Archive } from "./archive";
import type { ShownFrame } from "./frame";
import { locate, segmentOf, type Segment } from "./position";
import type { Entry, Sought, Timeline } from "./timeline";

/** What a scrubber needs of a player that stands still. */
export interface Reel {
  /** Segments that are loaded. */
  segments(): Iterable<Segment>;
  /** Segments of the playlist, oldest first. */
  listed(): Segment[];
  /** Whether no seek is under way. */
  readonly settled: boolean;
  seekTo(positionS: number): void;
}

export interface Listener {
  /** The frame that was asked for is on screen. */
  found(): void;
  /** Another frame than the one at which the player was stopped was on its way to the screen, and stands there. */
  stopped(at: ShownFrame): void;
  /** Whether frames go on coming. */
  expecting(): boolean;
  /** Whether what was captured then, ms since the Unix epoch, may come yet. */
  expects(captureMs: number): boolean;
}

/** So much is learned around the first frame of a segment, ms. */
const ANCHOR_MS = 500;
/** Frames within so many ms of what is asked for are learned at once, for steps. */
const MARGIN_MS = 2000;
/**
 * A seek that shows nothing is repeated, ms. Not soon: it may be loading, and a player that is sent somewhere else
 * meanwhile begins to load again.
 */
const SILENT_MS = 1500;
/** A seek that has ended shows its frame within this, ms. */
const SETTLE_MS = 400;
/** A segment that is not loaded is sought so far from its ends, as a share of its length. */
const MARGIN = 0.3;
/** So little beyond what is loaded the HLS engine loads nothing more for a player that stands, seconds. */
const DEAD_S = 0.15;
/** An estimate is off by no more than this, seconds. */
const BESIDE_S = 3;
/** Two positions closer than this are the same, seconds. */
const SAME_S = 0.001;
/** Between the questions whether the segment is there by now, ms. */
const LOOK_MS = 150;
/** A frame is sought a little after its time, seconds: no rounding then shows the one before it. */
const INTO_S = 0.004;
/** As far as this is looked for the frame behind the last known one, ms. */
const FAR_MS = 150_000;
/**
 * What was captured just now is waited for so long, ms: it is seen exactly before it is encoded, and an encoder may have
 * to begin anew.
 */
const COMING_MS = 5000;
/** Without a timeline a frame so near to the asked time is taken for it, ms. */
const NEAR_MS = 20;
/** A frame that no segment has is looked for beside it, among the segments so near, ms, and so many frames. */
const HOLE_MS = 30_000;
const HOLE_FRAMES = 5000;
/** So many seeks without the right frame: it is not there to be found. */
const TRIES = 12;

/** A frame, or that which was captured then. */
interface Goal extends Sought {
  /** Null while it is not known where it is. */
  frame: Entry | null;
}

export class Scrubber {
  /** What is to be on screen; with the frame as soon as it is known which. */
  private goal: Goal | null = null;
  private shown: ShownFrame | null = null;
  private steps = 0;
  /** Where it came from: 1 from older frames, -1 from newer ones. */
  private direction: 1 | -1 = 1;
  private looking = false;
  private anchoredMs: number | null = null;
  private seeking = false;
  private tries = 0;
  /** Where it was sent last, seconds, and when; nothing came on screen since, or something did. */
  private sought = { positionS: NaN, atMs: -Infinity, silent: false };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly reel: Reel,
    private readonly timeline: Timeline,
    private readonly archive: Archive,
    private readonly listener: Listener,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether what was asked for is not on screen yet. */
  get busy(): boolean {
    return this.seeking;
  }

  /** Show this frame, or the one whose capture time, ms since the Unix epoch, is nearest, or one so many steps from it. */
  seek(to: ShownFrame | number, steps = 0): void {
    this.steps = steps;
    this.direction = steps < 0 ? -1 : 1;
    this.aim(goalOf(to));
  }

  /** This frame is on screen already. */
  stand(frame: ShownFrame): void {
    this.shown = frame;
    this.goal = goalOf(frame);
    this.seeking = false;
  }

  /** Show the frame so many after the one that is or will be shown, or before it if negative. */
  step(frames: number): void {
    if (this.goal === null) return;
    this.steps += frames;
    this.direction = frames < 0 ? -1 : 1;
    this.aim(this.goal);
  }

  /** A frame came on screen; null where it is not known which. */
  presented(frame: ShownFrame | null): void {
    this.shown = frame;
    this.sought.silent = false;
    const { goal } = this;
    if (!this.seeking && goal !== null && (frame === null || !this.right(goal, frame))) {
      if (this.sought.atMs === -Infinity) {
        if (frame !== null) {
          this.goal = goalOf(frame);
          this.listener.stopped(frame);
        }
        return;
      }
      // A seek that was repeated came late: what it loads anew may be shown before it is known what that is.
      this.seeking = true;
      this.tries = 0;
    }
    if (this.seeking && !this.looking) this.check();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.goal = null;
  }

  private aim(goal: Goal): void {
    this.goal = goal;
    this.seeking = true;
    this.tries = 0;
    if (!this.looking) void this.find();
  }

  /** Learns which frame is meant, then seeks it. */
  private async find(): Promise<void> {
    this.looking = true;
    try {
      for (let goal = this.goal; goal !== null; goal = this.goal) {
        goal.frame ??= await this.frameOf(goal);
        if (this.goal !== goal) continue;
        if (this.steps === 0 || goal.frame === null) break;
        const steps = this.steps;
        const to = await this.stepped(goal, goal.frame, steps);
        if (this.goal !== goal) continue;
        this.steps -= steps;
        Object.assign(goal, goalOf(to));
      }
    } finally {
      this.looking = false;
    }
    if (this.goal !== null) this.check();
  }

  private async frameOf(goal: Goal): Promise<Entry | null> {
    const learn = () => this.archive.around(goal.captureMs, MARGIN_MS);
    await learn();
    const comes = () => !this.timeline.reaches(goal) && this.listener.expects(goal.captureMs);
    await this.waitFor(goal, comes, learn);
    return this.timeline.find(goal);
  }

  /** Learns as long as something comes, unless it takes too long or something else is asked for. */
  private async waitFor(goal: Goal, comes: () => boolean, learn: () => Promise<unknown>): Promise<void> {
    const untilMs = this.now() + COMING_MS;
    while (comes() && this.goal === goal && this.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await learn();
    }
  }

  /**
   * Learns the first frame of the segment that has the goal, for the others are told by their distance from it; whether
   * that has to be waited for.
   */
  private anchors({ captureMs }: Goal): boolean {
    const dates = this.reel.listed().map(({ programDateTimeMs }) => programDateTimeMs);
    const date = dates.findLast((ms) => ms <= captureMs + 1);
    if (date === undefined || date === this.anchoredMs || this.timeline.dated(date) !== null) return false;
    // Asked for once: the runner may not remember it either.
    this.anchoredMs = date;
    this.looking = true;
    void this.archive.around(date, ANCHOR_MS).then(() => this.find());
    return true;
  }

  private async stepped(goal: Goal, from: Entry, frames: number): Promise<Entry> {
    let reached = this.timeline.step(from, frames);
    const learn = async (marginMs = MARGIN_MS): Promise<void> => {
      await this.archive.around(reached.entry.captureMs, marginMs);
      reached = this.timeline.step(reached.entry, reached.left);
    };
    // What lies behind the last known frame may have come meanwhile, or lies beyond a pause of the producer.
    for (let marginMs = MARGIN_MS; reached.left !== 0 && marginMs <= FAR_MS; marginMs *= 4) {
      await learn(marginMs);
      // Nothing lies beyond the live edge.
      if (frames > 0 && this.listener.expects(reached.entry.captureMs)) break;
    }
    // Or it comes.
    if (reached.left > 0 && reached.entry.mediaUs === this.timeline.newest?.mediaUs) {
      await this.waitFor(goal, () => reached.left > 0 && this.listener.expecting(), learn);
    }
    return reached.entry;
  }

  /** Is it right? Else seeks, or waits for the segment. */
  private check(): void {
    clearTimeout(this.timer);
    const { goal, shown } = this;
    if (goal === null) return;
    if (shown !== null && this.right(goal, shown)) {
      this.seeking = false;
      this.listener.found();
      return;
    }
    const kept = this.kept(goal);
    if (kept !== null) {
      this.aim(goalOf(kept));
      return;
    }
    if (this.anchors(goal)) return;
    const positionS = this.place(goal);
    if (positionS === null || this.tries >= TRIES) {
      this.timer = setTimeout(() => {
        this.tries = 0;
        this.check();
      }, LOOK_MS);
      return;
    }
    const nowMs = this.now();
    const { sought } = this;
    const again = Math.abs(positionS - sought.positionS) < SAME_S;
    const patienceMs = sought.silent && !this.reel.settled ? SILENT_MS : SETTLE_MS;
    if ((sought.silent || again) && nowMs < sought.atMs + patienceMs) {
      // On its way: wherever it goes next, it goes from there.
      this.timer = setTimeout(() => this.check(), LOOK_MS);
      return;
    }
    this.tries++;
    this.sought = { positionS, atMs: nowMs, silent: true };
    this.reel.seekTo(positionS);
    this.timer = setTimeout(() => this.check(), LOOK_MS);
  }

  private right(goal: Goal, shown: ShownFrame): boolean {
    if (goal.frame === null) return Math.abs(shown.captureMs - goal.captureMs) < NEAR_MS;
    return shown.session === goal.frame.session && shown.seq === goal.frame.seq;
  }

  /** An estimate led near it, into a segment beside: as much further as that was off. */
  private corrected(frame: Entry | null): number | null {
    const mediaUs = this.shown?.mediaUs ?? null;
    if (frame === null || mediaUs === null || this.sought.silent) return null;
    const offS = (frame.mediaUs - mediaUs) / 1e6;
    return Math.abs(offS) < BESIDE_S && Number.isFinite(this.sought.positionS)
      ? this.sought.positionS + offS
      : null;
  }

  /**
   * The next frame that a segment has, on the way it came, for one that none will ever have: frames that were seen live
   * may have died with their encoder. Null where the frame itself is there, or may still come.
   */
  private kept({ captureMs, frame }: Goal): Entry | null {
    if (frame === null) return null;
    const near = this.reel
      .listed()
      .filter((segment) => Math.abs(segment.programDateTimeMs - captureMs) < HOLE_MS);
    const has = (entry: Entry): boolean => segmentOf(near, entry.captureMs, entry, this.timeline) !== null;
    const newer = near.some((segment) => segment.programDateTimeMs > captureMs + 1);
    if (!newer || has(frame)) return null;
    for (const direction of [this.direction, -this.direction]) {
      let { entry, left } = this.timeline.step(frame, direction);
      for (let steps = 0; left === 0 && steps < HOLE_FRAMES; steps++) {
        if (has(entry)) return entry;
        ({ entry, left } = this.timeline.step(entry, direction));
      }
    }
    return null;
  }

  /** Where to seek, seconds; null while the playlist does not reach there. */
  private place({ captureMs, frame }: Goal): number | null {
    const listed = this.reel.listed();
    const home = segmentOf(listed, captureMs, frame, this.timeline);
    const gone = captureMs < (listed[0]?.programDateTimeMs ?? Infinity);
    const loaded =
      frame === null || (home === null && !gone)
        ? null
        : locate(this.reel.segments(), home, frame, this.timeline);
    if (frame !== null && loaded !== null) {
      const { entry, left } = this.timeline.step(frame, 1);
      const gapS = left === 0 ? (entry.mediaUs - frame.mediaUs) / 1e6 : 2 * INTO_S;
      return loaded + Math.min(gapS / 2, INTO_S);
    }
    if (home === null) return null;
    const lengthS = home.endTime - home.startTime;
    // Not near its ends: a player that has the segment beside it would show that one's nearest frame.
    const marginS = Math.min(lengthS / 2, Math.max(lengthS * MARGIN, DEAD_S));
    const intoS = (captureMs - home.programDateTimeMs) / 1000;
    const intoIt = Math.min(Math.max(intoS, marginS), lengthS - marginS);
    return this.alive(this.corrected(frame) ?? home.startTime + intoIt);
  }

  /** Where to seek so that something is loaded. */
  private alive(positionS: number): number {
    const ends = [...this.reel.segments()].map(({ endTime }) => endTime);
    const end = ends.find((endTime) => positionS >= endTime - SAME_S && positionS < endTime + DEAD_S);
    return end === undefined ? positionS : end + DEAD_S;
  }
}

function goalOf(to: ShownFrame | number): Goal {
  if (typeof to === "number") return { session: null, seq: null, captureMs: to, frame: null };
  const { session, seq, captureMs, mediaUs } = to;
  const known = session !== null && seq !== null && mediaUs !== null;
  return { session, seq, captureMs, frame: known ? { session, seq, captureMs, mediaUs } : null };
}
