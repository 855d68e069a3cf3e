/**
 * Keeps a picture going: makes a player, watches it, and makes another when it fails or freezes.
 * The last picture stays on screen until the next player shows its first.
 */
import { Backoff } from "../backoff";
import { Pace } from "./pace";
import type { ShownFrame } from "./frame";
import type { Path, Source } from "./path";
import { createPlayer, type Player } from "./player";
import { latency } from "./position";

/** What is on screen. */
export interface Showing {
  /** Whether any frame was ever shown. */
  shown: boolean;
  /** Since the newest frame came on screen, ms; null before the first. */
  sinceFrameMs: number | null;
  /** Capture to now of the frame on screen, ms; null when not known. */
  latencyMs: number | null;
  /** Frames that came on screen per second. */
  shownFps: number | null;
  /** Decoded and not shown by the browser. */
  skipped: number;
  paused: boolean;
  /** Why the newest player was given up. */
  trouble: string | null;
  /** The frame on screen. */
  frame: ShownFrame | null;
  /** How it got there. */
  path: Path | null;
  /** Why not a faster way; null when it is the fastest, or the one that was asked for. */
  pathNote: string | null;
  /** Frames that this viewer was skipped over, because it was too slow for them. */
  missed: number;
  /** Capture times that can be sought, ms since the Unix epoch. */
  dvr: Range | null;
  /** The picture that was asked for is not on screen yet. */
  seeking: boolean;
}

/** Capture times, ms since the Unix epoch. */
export interface Range {
  fromMs: number;
  toMs: number;
}

export const NOTHING: Showing = {
  shown: false,
  sinceFrameMs: null,
  latencyMs: null,
  shownFps: null,
  skipped: 0,
  paused: false,
  trouble: null,
  frame: null,
  path: null,
  pathNote: null,
  missed: 0,
  dvr: null,
  seeking: false,
};

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
}

export interface Keeper {
  showing(): Showing;
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
  /** Tells of every frame that comes on screen, once and in order, until the returned function is called. */
  onFrame(listener: (frame: ShownFrame) => void): () => void;
  dispose(): void;
}

/** How often it is looked at, ms. */
const TICK_MS = 200;
/** A new player that shows nothing for so long is given up, ms. */
const FIRST_FRAME_MS = 5000;
/** Between two players, ms. */
const RETRY_MS = { first: 300, cap: 3000 };
/** The live edge must be so far ahead, or a jump gains nothing (clocks may disagree), seconds. */
const JUMP_S = 3;
/** A picture may stand still so much longer than usual before its player is replaced, ms. */
const FROZEN_MS = 1000;
/** A player that starts stutters on its own account, ms. */
const SETTLE_MS = 3000;
/** Less media than this ahead is an empty buffer, seconds. */
const EMPTY_S = 0.3;
/** A player that ran for so long was a good one: the next retry is quick again, ms. */
const PROVEN_MS = 8000;

interface Attempt {
  player: Player;
  host: HTMLElement;
  bornMs: number;
  /** performance.now() of the newest frame. */
  frameMs: number | null;
  captureMs: number | null;
  /** Media position when last looked at, to see progress of a picture that is out of sight. */
  positionS: number;
  frames: number[];
}

/** The last picture of a player that is gone. */
interface Still {
  canvas: HTMLCanvasElement;
  /** performance.now() when it came on screen. */
  frameMs: number | null;
}

export function keep(host: HTMLElement, world: World): Keeper {
  const backoff = new Backoff(RETRY_MS.first, RETRY_MS.cap);
  let pace = new Pace();
  let url: string | null = null;
  let run = "";
  let current: Attempt | null = null;
  let next: Attempt | null = null;
  let still: Still | null = null;
  let retryAtMs: number | null = null;
  let paused = false;
  let trouble: string | null = null;
  const listeners = new Set<(frame: ShownFrame) => void>();

  const attempt = (): void => {
    retryAtMs = null;
    if (url === null) return;
    if (next !== null) drop(next);
    const box = document.createElement("div");
    box.className = "player";
    host.append(box);
    const mine: Attempt = {
      player: createPlayer(box, url, {
        presented: (captureMs) => presented(mine, captureMs),
        starved: () => {
          const settled = performance.now() - mine.bornMs > SETTLE_MS;
          if (mine === current && settled && mine.player.aheadS < EMPTY_S && world.expecting())
            pace.starved();
        },
        failed: (reason) => failed(mine, reason),
      }),
      host: box,
      bornMs: performance.now(),
      frameMs: null,
      captureMs: null,
      positionS: 0,
      frames: [],
    };
    next = mine;
  };

  const presented = (mine: Attempt, captureMs: number | null): void => {
    const nowMs = performance.now();
    mine.frameMs = nowMs;
    mine.captureMs = captureMs;
    mine.frames.push(nowMs);
    if (captureMs !== null) for (const listener of listeners) listener(frameOf(captureMs));
    if (mine !== next) return;
    // The first picture of the new player: the old one has done its duty.
    next = null;
    if (current !== null) drop(current);
    still?.canvas.remove();
    still = null;
    current = mine;
    world.firstPicture();
    trouble = null;
    pace = new Pace();
    if (paused) mine.player.pause();
  };

  const failed = (mine: Attempt, reason: string): void => {
    if (mine !== next && mine !== current) return;
    trouble = reason;
    if (mine === next) {
      drop(mine);
      next = null;
    } else if (performance.now() - mine.bornMs > PROVEN_MS) backoff.reset();
    if (next === null) retryAtMs ??= performance.now() + backoff.next();
  };

  const tick = (): void => {
    const nowMs = performance.now();
    if (next !== null && nowMs - next.bornMs > FIRST_FRAME_MS && !document.hidden) {
      failed(next, "no picture came");
    }
    if (retryAtMs !== null && nowMs >= retryAtMs && world.expecting()) attempt();
    if (current === null) return;
    const { player } = current;
    while ((current.frames[0] ?? nowMs) < nowMs - 2000) current.frames.shift();
    if (player.video.currentTime !== current.positionS) {
      // Nobody is told of frames that are out of sight; the position still moves.
      if (current.positionS !== 0 && outOfSight(player.video)) current.frameMs = nowMs;
      current.positionS = player.video.currentTime;
    }
    if (paused || document.hidden) return;
    if (player.paused) player.play();
    const step = pace.step({ latencyMs: behind(current), aheadS: player.aheadS });
    if (step.action === "jump") player.jumpToLive(JUMP_S);
    else player.setRate(step.rate);
    const frozenMs = nowMs - Math.max(current.frameMs ?? 0, expectingSince);
    if (frozenMs > world.patienceMs() + FROZEN_MS && next === null && retryAtMs === null) {
      failed(current, "the picture stood still");
    }
  };

  // Nobody blames a player for the time in which nothing could come.
  let expectingSince = 0;
  const expectation = (): void => {
    if (!world.expecting() || document.hidden || paused) expectingSince = performance.now();
  };

  const behind = (mine: Attempt): number | null => {
    const nowMs = world.now();
    return nowMs === null ? null : latency(mine.captureMs, nowMs);
  };

  const drop = (old: Attempt): void => {
    old.player.dispose();
    old.host.remove();
  };

  /** The last picture stays, its player goes: what it played does not exist any more. */
  const freeze = (): void => {
    if (next !== null) drop(next);
    next = null;
    retryAtMs = null;
    if (current === null) return;
    still?.canvas.remove();
    still = { canvas: snapshot(current.player.video), frameMs: current.frameMs };
    host.append(still.canvas);
    drop(current);
    current = null;
  };

  const timer = setInterval(() => {
    expectation();
    tick();
  }, TICK_MS);

  return {
    showing: () => ({
      shown: current !== null || still !== null,
      sinceFrameMs: since((current ?? still)?.frameMs ?? null),
      latencyMs: current === null ? null : behind(current),
      shownFps: current === null ? null : current.frames.length / 2,
      skipped: current?.player.skipped ?? 0,
      paused,
      trouble,
      frame: current === null || current.captureMs === null ? null : frameOf(current.captureMs),
      path: current === null ? null : "hls",
      pathNote: null,
      missed: 0,
      dvr: world.dvr(),
      seeking: false,
    }),
    source(source, newRun) {
      const newUrl = source?.hls ?? null;
      if (newUrl === url && newRun === run) return;
      if (newRun !== run) freeze();
      url = newUrl;
      run = newRun;
      if (url === null) return;
      backoff.reset();
      attempt();
    },
    prefer() {
      // One way so far.
    },
    pause() {
      paused = true;
      current?.player.pause();
    },
    seek() {
      paused = true;
      current?.player.pause();
    },
    step() {
      current?.player.pause();
    },
    onFrame(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    live() {
      paused = false;
      current?.player.jumpToLive(0.5);
      current?.player.play();
    },
    dispose() {
      clearInterval(timer);
      if (next !== null) drop(next);
      if (current !== null) drop(current);
      next = current = null;
    },
  };
}

function snapshot(video: HTMLVideoElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "still";
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return canvas;
}

function frameOf(captureMs: number): ShownFrame {
  return { session: null, seq: null, captureMs, mediaUs: null };
}

function since(thenMs: number | null): number | null {
  return thenMs === null ? null : performance.now() - thenMs;
}

function outOfSight(element: HTMLElement): boolean {
  const box = element.getBoundingClientRect();
  return box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth;
}
