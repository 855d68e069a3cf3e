/**
 * Keeps a picture going: takes the fastest way that works here, watches it, and makes another player when one fails or
 * freezes. The last picture stays on screen until the next player shows its first.
 */
import { Backoff } from "../backoff";
import type { Place } from "../exact/player";
import { Archive } from "./archive";
import { count, createAttempt, drop, rate, snapshot, watchPosition, type Attempt } from "./attempt";
import { Choice } from "./choice";
import { sameFrame, type ShownFrame } from "./frame";
import { detect, type Path, type Source } from "./path";
import { latency } from "./position";
import { Passed } from "./passed";
import { Scrubber } from "./scrubber";
import { isLate, type Range, type Showing } from "./showing";
import { Timeline } from "./timeline";

export { NOTHING, type Range, type Showing } from "./showing";

/** What a keeper must know of the world. */
export interface World {
  /** The runner's clock, ms since the Unix epoch; null while not known. */
  now(): number | null;
  /** Whether new pictures can be expected: connected, and the stream is live. */
  expecting(): boolean;
  /** A player showed its first picture. */
  firstPicture(): void;
  /** Longest time between two frames that is nothing unusual, ms. */
  patienceMs(): number;
  /** What the runner keeps of the stream. */
  dvr(): Range | null;
  /** What the pane has for exact pixels. */
  exact(): Place;
}

export interface Keeper {
  showing(): Showing;
  /** Frames that came and were not shown by this browser, so far. */
  skipped(): number;
  /** Play this stream; the same one again when the runner or the stream began anew. */
  source(source: Source | null, run: string): void;
  /** Which way to take if it can be taken. */
  prefer(path: Path | "auto"): void;
  /** Stand still: at the frame on screen, or at the one that was captured then, ms since the Unix epoch. */
  pause(atMs?: number): void;
  /** Stand still at the frame whose capture time is nearest. */
  seek(captureMs: number): void;
  /** While paused: so many frames on, or back if negative. Steps add up. */
  step(frames: number): void;
  /** Play on at the live edge. */
  live(): void;
  /** Nobody sees it: what plays goes, the last picture stays, and nothing is fetched until it is woken. */
  asleep(yes: boolean): void;
  /** Tells of every frame that comes on screen, once and in order, until the returned function is called. */
  onFrame(listener: (frame: ShownFrame) => void): () => void;
  dispose(): void;
}

/** How often it is looked at, ms. */
const TICK_MS = 200;
/** A page that does not look for so long was stopped itself, and so were its players, ms. */
const SLEPT_MS = 1000;
/** A new player that shows nothing for so long is given up, ms; a film may wait for its segment. */
const FIRST_FRAME_MS = { live: 3000, playlist: 5000, film: 12_000 };
/** Between two players, ms. */
const RETRY_MS = { first: 300, cap: 3000 };
/** A picture may stand still so much longer than usual before its player is replaced, ms. */
const FROZEN_MS = 1000;
/** Until the first picture of a player that was woken comes, it is not late, ms. */
const WAKING_MS = 3000;
/** A player that ran for so long was a good one: the next retry is quick again, ms. */
const PROVEN_MS = 8000;

/** The last picture of a player that is gone. */
interface Still {
  canvas: HTMLCanvasElement;
  attempt: Attempt;
}

export function keep(host: HTMLElement, world: World): Keeper {
  const backoff = new Backoff(RETRY_MS.first, RETRY_MS.cap);
  const choice = new Choice(detect());
  const timeline = new Timeline();
  /** Number of the newest live frame, also of a player that is gone. */
  const heard: { number: number | null } = { number: null };
  const listeners = new Set<(frame: ShownFrame) => void>();
  let archive: Archive | null = null;
  let source: Source | null = null;
  let run = "";
  let current: Attempt | null = null;
  let next: Attempt | null = null;
  let still: Still | null = null;
  let retryAtMs: number | null = null;
  /** What stands or is to stand on screen, so many steps from there; null while it plays. */
  let standing: { at: number | ShownFrame | null; steps: number } | null = null;
  let sleeping = false;
  let wokenMs = -Infinity;
  let trouble: string | null = null;
  let missed = 0;
  /** What players counted that are gone. */
  let skipped = 0;
  const passed = new Passed(timeline);
  let told: ShownFrame | null = null;

  const wasShown = (mediaUs: number): boolean => mediaUs <= (told?.mediaUs ?? -1);

  const attempt = (): void => {
    retryAtMs = null;
    if (source === null || sleeping) return;
    const film = standing !== null && (current !== null || still !== null);
    const path = film ? "hls" : choice.take(source, performance.now());
    if (path === null || (film && source.hls === null)) {
      if (offers(source)) trouble = "this browser plays nothing of what the runner offers";
      return;
    }
    if (!film && current?.path === path && !current.failed) return;
    if (next !== null) drop(next);
    next = null;
    // Nobody missed what came while something else was on screen, or nothing. From here on it counts, not from the
    // first picture on: right behind that one frames may be skipped.
    if (!isLive(seen()?.path)) heard.number = null;
    let mine: Attempt | null = null;
    try {
      mine = createAttempt(
        host,
        path,
        film ? "stands" : "plays",
        source,
        { timeline, heard, wasShown, world },
        {
          presented: (frame) => {
            if (mine !== null) presented(mine, frame);
          },
          missed: (frames) => (missed += frames),
          failed: (reason) => {
            // Not while it is made: nobody knows it yet.
            if (mine !== null) failed(mine, reason);
          },
        },
      );
    } catch (error) {
      gaveUp(path, String(error));
      return;
    }
    next = mine;
    if (film) scrub(mine);
  };

  /** Whether what was captured then may be on its way to the playlist. */
  const expects = (captureMs: number): boolean => world.expecting() && isLate(captureMs, world.dvr());

  /** Sends a film to what is to stand on screen. */
  const scrub = (mine: Attempt): void => {
    if (mine.film === null || archive === null || standing === null) return;
    mine.scrubber = new Scrubber(mine.film, timeline, archive, {
      found: () => {
        if (mine === next) promote(mine);
      },
      stopped: (at) => {
        if (standing !== null) standing = { at, steps: 0 };
      },
      expecting: () => world.expecting(),
      expects,
    });
    const { at, steps } = standing;
    if (mine === current && at !== null && mine.frame !== null && at === mine.frame && steps === 0)
      mine.scrubber.stand(mine.frame);
    else if (at !== null) mine.scrubber.seek(at, steps);
  };

  const presented = (mine: Attempt, frame: ShownFrame | null): void => {
    if (mine !== next && mine !== current) return;
    count(mine, frame, behind(frame));
    if (frame !== null && (frame.seq === null || mine.path === "hls" || mine.path === "llhls")) {
      if (mine.scrubber === null) archive?.follow(frame.captureMs);
    }
    if (mine === next && mine.scrubber === null) promote(mine);
    // The frame that was on its way to the screen when somebody pressed the key.
    if (mine === current && mine.scrubber === null && standing !== null && typeof standing.at !== "number") {
      standing.at = frame;
      if (frame !== null) next?.scrubber?.seek(frame, standing.steps);
    }
    if (mine === current) tell(frame);
    mine.scrubber?.presented(frame);
  };

  /** The first picture of the new player: the old one has done its duty. */
  const promote = (mine: Attempt): void => {
    next = null;
    // Another way has another distance from now: nothing was skipped between them.
    if (mine.path !== seen()?.path) interrupt();
    if (current !== null) {
      if (current.player.skipped !== null) skipped += current.player.skipped;
      drop(current);
    }
    still?.canvas.remove();
    still = null;
    current = mine;
    world.firstPicture();
    trouble = null;
    if (standing !== null && mine.scrubber === null) hold(mine);
    tell(mine.frame);
  };

  const tell = (frame: ShownFrame | null): void => {
    if (frame === null || sameFrame(frame, told)) return;
    if (standing === null && current?.player.skipped === null) passed.add(frame);
    told = frame;
    for (const listener of listeners) listener(frame);
  };

  /** What comes on screen next does not follow what is there. */
  const interrupt = (): void => {
    told = null;
    passed.interrupt();
  };

  /** Nobody missed what nobody listened to. */
  const unheard = (): void => {
    heard.number = null;
    interrupt();
  };

  const failed = (mine: Attempt, reason: string): void => {
    if (mine !== next && mine !== current) return;
    const proven = mine === current && performance.now() - mine.bornMs > PROVEN_MS;
    if (mine === next) {
      drop(mine);
      next = null;
    } else mine.failed = true;
    if (proven) {
      choice.proven(mine.path);
      backoff.reset();
    }
    gaveUp(mine.path, reason);
  };

  const gaveUp = (path: Path, reason: string): void => {
    if (current === null || current.failed) trouble = reason;
    // Where nothing can come, it is nobody's fault.
    if (world.expecting() && standing === null) choice.failed(path, reason, performance.now());
    if (next === null) retryAtMs ??= performance.now() + backoff.next();
  };

  // Nobody blames a player for the time in which nothing could come.
  let expectingSince = 0;
  let tickMs = performance.now();
  const tick = (): void => {
    const nowMs = performance.now();
    const slept = nowMs - tickMs > SLEPT_MS;
    tickMs = nowMs;
    if (slept && next !== null) next.bornMs = nowMs;
    if (!world.expecting() || document.hidden || standing !== null || slept) expectingSince = nowMs;

    if (next !== null && nowMs - next.bornMs > firstFrameMs(next) && !document.hidden) {
      failed(next, "no picture came");
    }
    if (retryAtMs !== null && nowMs >= retryAtMs && world.expecting()) attempt();
    if (current === null) return;
    watchPosition(current);
    if (standing !== null || document.hidden) return;
    if (current.failed) return;
    current.player.tend(behind(current.frame));
    const frozenMs = nowMs - Math.max(current.frameMs ?? 0, expectingSince);
    if (frozenMs > world.patienceMs() + FROZEN_MS && next === null && retryAtMs === null) {
      failed(current, "the picture stood still");
    } else if (nowMs - current.bornMs > PROVEN_MS && next === null && retryAtMs === null) {
      choice.proven(current.path);
      // A faster way may be open by now.
      attempt();
    }
  };

  const behind = (frame: ShownFrame | null): number | null => {
    const nowMs = world.now();
    return nowMs === null || frame === null ? null : latency(frame.captureMs, nowMs);
  };

  /** The picture stands; what can be sent to other frames will be. */
  const hold = (mine: Attempt): void => {
    mine.player.hold();
    if (mine.film !== null) scrub(mine);
    else attempt();
  };

  /** The last picture stays, its player goes: what it played does not exist any more. */
  const freeze = (): void => {
    if (next !== null) drop(next);
    next = null;
    retryAtMs = null;
    if (current === null) return;
    still?.canvas.remove();
    still = { canvas: snapshot(current), attempt: current };
    host.append(still.canvas);
    drop(current);
    current = null;
  };

  const timer = setInterval(tick, TICK_MS);

  const seen = (): Attempt | null => current ?? still?.attempt ?? null;
  const pause = (at: number | null): void => {
    if (standing === null) {
      standing = { at: at ?? seen()?.frame ?? null, steps: 0 };
      if (next !== null && current !== null) {
        drop(next);
        next = null;
      }
      retryAtMs = null;
      if (current !== null) hold(current);
      return;
    }
    if (at === null) return;
    standing = { at, steps: 0 };
    const scrubber = (next ?? current)?.scrubber;
    if (scrubber) scrubber.seek(at);
    else attempt();
  };

  const allSkipped = (): number => skipped + passed.count + (current?.player.skipped ?? 0);

  return {
    skipped: allSkipped,
    showing() {
      const nowMs = performance.now();
      const { frame = null, frameMs = null, latencyMs = null } = seen() ?? {};
      const stands = frameMs === null || standing !== null || nowMs - frameMs > world.patienceMs() / 2;
      return {
        shown: seen() !== null,
        sinceFrameMs: frameMs === null ? null : nowMs - frameMs,
        latencyMs: current === null ? null : stands || latencyMs === null ? behind(frame) : latencyMs,
        shownFps: current === null ? null : rate(current),
        skipped: allSkipped(),
        paused: standing !== null,
        trouble,
        frame: frame?.seq === null ? (timeline.dated(frame.captureMs) ?? frame) : frame,
        path: current?.path ?? null,
        pathNote:
          source === null || standing !== null ? null : choice.note(current?.path ?? null, source, nowMs),
        missed,
        dvr: world.dvr(),
        asleep:
          sleeping ||
          (current === null && still !== null && standing === null && nowMs - wokenMs < WAKING_MS),
        seeking: (next ?? current)?.scrubber?.busy ?? false,
      };
    },
    source(newSource, newRun) {
      if (newRun !== run) {
        freeze();
        timeline.clear();
        choice.reset();
        missed = skipped = passed.count = 0;
        unheard();
      } else if (same(newSource, source)) return;
      if (archive === null || newSource?.id !== source?.id || newRun !== run) {
        archive = newSource === null ? null : new Archive(newSource.id, timeline);
      }
      source = newSource;
      run = newRun;
      backoff.reset();
      // What stands is not played on by news of the stream.
      if (next === null && (standing === null || seen() === null)) attempt();
    },
    prefer(path) {
      choice.prefer(path);
      if (standing === null) attempt();
    },
    pause: (atMs) => pause(atMs ?? null),
    seek: (captureMs) => pause(expects(captureMs) ? captureMs : clamp(captureMs, world.dvr())),
    step(frames) {
      if (standing === null) return;
      // Also for a player that takes the place of one that fails on the way.
      standing.steps += frames;
      const scrubber = (next ?? current)?.scrubber;
      if (scrubber) scrubber.step(frames);
      else if (next === null) attempt();
    },
    live() {
      if (standing === null) return;
      standing = null;
      unheard();
      if (next !== null) drop(next);
      next = null;
      const { film = null, scrubber = null, path = null } = current ?? {};
      scrubber?.dispose();
      if (current !== null) {
        current.scrubber = null;
        // It stands at another time, or its connection has ended.
        current.failed = true;
      }
      expectingSince = performance.now();
      if (
        film !== null &&
        source !== null &&
        choice.take(source, performance.now()) === path &&
        current !== null
      ) {
        current.failed = false;
        film.resume();
      } else attempt();
    },
    asleep(yes) {
      if (yes === sleeping) return;
      sleeping = yes;
      if (sleeping) {
        skipped += current?.player.skipped ?? 0;
        freeze();
        // Nobody missed what came meanwhile.
        heard.number = null;
        passed.interrupt();
        return;
      }
      expectingSince = wokenMs = performance.now();
      backoff.reset();
      attempt();
    },
    onFrame(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      clearInterval(timer);
      if (next !== null) drop(next);
      if (current !== null) drop(current);
      next = current = null;
    },
  };
}

/** Whether it plays single frames, whose numbers it hears. */
function isLive(path: Path | undefined): boolean {
  return path === "webcodecs" || path === "mse";
}

function firstFrameMs({ path, scrubber }: Attempt): number {
  if (scrubber !== null) return FIRST_FRAME_MS.film;
  return isLive(path) ? FIRST_FRAME_MS.live : FIRST_FRAME_MS.playlist;
}

function offers({ live, llhls, hls }: Source): boolean {
  return (live ?? llhls ?? hls) !== null;
}

function same(a: Source | null, b: Source | null): boolean {
  if (a === null || b === null) return a === b;
  return a.id === b.id && a.hls === b.hls && a.llhls === b.llhls && a.live === b.live;
}

function clamp(captureMs: number, range: Range | null): number {
  return range === null ? captureMs : Math.min(range.toMs, Math.max(range.fromMs, captureMs));
}
