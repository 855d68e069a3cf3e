/**
 * The page's time: one clock for all pictures and charts. Pictures join it; one of them leads, and
 * what stands on its screen is the moment at which everything is read.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Keeper } from "../video/keeper";
import { WaitingFrames } from "./frames";
import { arrive, goLive, inView, LIVE, pause, seek, toggle, type Mode } from "./mode";

/** What playback needs of what shows a picture. */
export type Player = Pick<Keeper, "showing" | "pause" | "seek" | "step" | "live" | "onFrame">;

/** The moment at which everything is read. */
export interface Cursor {
  /** Capture time of the leading picture's frame, ms since the Unix epoch. */
  captureMs: number;
  /** Half the time from frame to frame, ms: a sample this near is of the same moment. */
  toleranceMs: number;
}

/** What playback must know of the world. */
export interface World {
  /** The runner's clock, ms since the Unix epoch. */
  now(): number;
  /** Length of the charts' window. */
  windowMs(): number;
  /** How far the samples reach that come at about `fps`, ms since the Unix epoch; null when none do. */
  knownMs(fps: number | null): number | null;
}

/** What playback must know of a stream of pictures. */
export interface Facts {
  /** Frames per second of capture time; null when not known. */
  fps(): number | null;
  /** A picture that stands still for longer has stalled, ms. */
  patienceMs(): number;
}

interface Picture {
  key: string;
  player: Player;
  facts: Facts;
  /** performance.now() when its newest frame came on screen. */
  frameMs: number;
}

/** A frame that was sought and does not come is given up after this, ms. */
const GIVE_UP_MS = 600;
/** Two times nearer than this are the same frame, ms. */
const SAME_MS = 0.5;
/** An arrow moves a page without pictures by this part of its window. */
const STEP_SHARE = 0.01;

export function createPlayback(world: World) {
  const mode = signal<Mode>(LIVE);
  const cursor = signal<Cursor | null>(null);
  /** Key of the picture that leads; null while none plays. */
  const lead = signal<string | null>(null);
  const pictures = new Map<string, Picture>();
  const waiting = new WaitingFrames();
  /** The picture that was last acted upon. */
  let chosen: string | null = null;
  let soughtMs = -Infinity;
  /** Whether anybody asked for another frame than the one at which the page was paused. */
  let moved = false;
  /** Capture time to which all pictures were sent. */
  let togetherMs = NaN;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = { ms: -1, edgeMs: 0 };

  const plays = ({ frameMs, facts }: Picture): boolean => performance.now() - frameMs < facts.patienceMs();

  const leader = (): Picture | undefined => pictures.get(lead.peek() ?? "");

  const promote = (key: string | null): void => {
    if (key === lead.peek()) return;
    lead.value = key;
    waiting.clear();
    const frame = leader()?.player.showing().frame ?? null;
    if (mode.peek().stand !== null) {
      if (frame !== null) stoodAt(frame.captureMs, true);
    } else if (cursor.peek() !== null) {
      if (frame === null) cursor.value = null;
      else point(frame.captureMs);
    }
  };

  /** While live: the picture that was last acted upon if it plays, else the first that does. */
  const elect = (): void => {
    if (mode.peek().stand !== null) return;
    const wanted = pictures.get(chosen ?? "");
    const candidates = wanted === undefined ? pictures.values() : [wanted, ...pictures.values()];
    promote([...candidates].find(plays)?.key ?? null);
  };

  const toleranceMs = (): number => {
    const fps = leader()?.facts.fps() ?? null;
    return fps === null || fps <= 0 ? 1 : Math.min(500, 500 / fps);
  };

  const point = (captureMs: number): void => {
    const before = cursor.peek();
    const tolerance = toleranceMs();
    if (before?.captureMs === captureMs && before.toleranceMs === tolerance) return;
    cursor.value = { captureMs, toleranceMs: tolerance };
  };

  /** The frame of the leading picture stands on screen: the others go there too, if it is the one that was asked for. */
  const stoodAt = (captureMs: number, found: boolean): void => {
    if (mode.peek().stand === null) return;
    mode.value = arrive(mode.peek(), captureMs, found, world.windowMs());
    point(captureMs);
    if (!found || Math.abs(captureMs - togetherMs) <= SAME_MS) return;
    togetherMs = captureMs;
    for (const { key, player } of pictures.values()) if (key !== lead.peek()) player.seek(captureMs);
  };

  /** Whether the leading picture shows what was asked for: it knows a little after the frame is on screen. */
  const look = (): void => {
    const showing = leader()?.player.showing();
    if (showing?.seeking === false && showing.frame !== null) stoodAt(showing.frame.captureMs, true);
  };

  const settle = (): void => {
    if (mode.peek().stand !== null) return;
    const known = world.knownMs(leader()?.facts.fps() ?? null);
    const captureMs = waiting.settle(known === null ? null : known + toleranceMs(), performance.now());
    if (captureMs !== null) point(captureMs);
    clearTimeout(timer);
    if (!waiting.empty) timer = setTimeout(settle, 25);
  };

  const onFrame = (picture: Picture, captureMs: number): void => {
    picture.frameMs = performance.now();
    if (lead.peek() === null) elect();
    if (lead.peek() !== picture.key) return;
    if (mode.peek().stand !== null) {
      stoodAt(captureMs, false);
      queueMicrotask(look);
      return;
    }
    waiting.push(captureMs, picture.frameMs);
    settle();
  };

  const edgeMs = (): number => {
    const { follow, stand } = mode.peek();
    if (stand !== null) return inView(stand.endMs, stand.targetMs ?? stand.cursorMs, world.windowMs());
    const at = cursor.peek();
    return follow === "step" && at !== null ? at.captureMs : world.now();
  };

  const stop = (): void => {
    elect();
    const endMs = edgeMs();
    const first = leader();
    first?.player.pause();
    const frame = first?.player.showing().frame ?? null;
    const atMs = frame?.captureMs ?? world.now();
    for (const { key, player } of pictures.values()) {
      if (first === undefined) player.pause();
      else if (key !== first.key) player.pause(atMs);
    }
    waiting.clear();
    moved = false;
    togetherMs = atMs;
    mode.value = pause(mode.peek(), atMs, endMs, world.windowMs());
    point(atMs);
  };

  /** While paused a picture that sleeps leads until something is to move: then another does that is in sight. */
  const relieve = (): void => {
    if (mode.peek().stand === null || leader()?.player.showing().asleep !== true) return;
    lead.value = [...pictures.values()].find(({ player }) => !player.showing().asleep)?.key ?? null;
  };

  const seekTo = (captureMs: number): void => {
    const targetMs = Math.min(captureMs, world.now());
    elect();
    relieve();
    waiting.clear();
    soughtMs = performance.now();
    moved = true;
    togetherMs = targetMs;
    mode.value = seek(mode.peek(), targetMs, edgeMs(), world.windowMs());
    for (const { player } of pictures.values()) player.seek(targetMs);
    if (leader() === undefined) stoodAt(targetMs, true);
  };

  return {
    mode: mode as ReadonlySignal<Mode>,
    /** Changes with every frame: for those who write what they read into the page themselves. */
    cursor: cursor as ReadonlySignal<Cursor | null>,
    lead: lead as ReadonlySignal<string | null>,
    /** Whether the page was moved since it was paused. */
    moved: () => moved,

    /** A picture takes part until the returned function is called. */
    join(key: string, player: Player, facts: Facts): () => void {
      const picture: Picture = { key, player, facts, frameMs: -Infinity };
      pictures.set(key, picture);
      const { stand } = mode.peek();
      if (stand !== null) player.pause(stand.targetMs ?? stand.cursorMs);
      const leave = player.onFrame((frame) => onFrame(picture, frame.captureMs));
      return () => {
        leave();
        if (pictures.get(key) === picture) pictures.delete(key);
        if (lead.peek() === key) promote(null);
        elect();
      };
    },
    /** Somebody acts upon this picture: it leads. */
    touch(key: string): void {
      if (!pictures.has(key)) return;
      chosen = key;
      if (mode.peek().stand === null) elect();
      else promote(key);
    },
    /** This picture fell asleep: while live another leads that plays, until this one does again. */
    slept(key: string): void {
      const picture = pictures.get(key);
      if (picture === undefined) return;
      picture.frameMs = -Infinity;
      elect();
      const { stand } = mode.peek();
      if (stand === null || stand.targetMs === null || lead.peek() !== key) return;
      relieve();
      if (leader() === undefined) stoodAt(stand.targetMs, true);
      else look();
    },
    pause(): void {
      if (mode.peek().stand === null) stop();
    },
    /** Everything to the frames nearest to a capture time, ms since the Unix epoch. */
    seek: seekTo,
    /** So many frames of the leading picture on, or back if negative. */
    step(frames: number): void {
      if (mode.peek().stand === null) stop();
      relieve();
      const { stand } = mode.peek();
      const first = leader();
      moved = true;
      if (first !== undefined) first.player.step(frames);
      else if (stand !== null) seekTo(stand.cursorMs + frames * STEP_SHARE * world.windowMs());
    },
    /** So many ms on, or back if negative. */
    skip(ms: number): void {
      if (mode.peek().stand === null) stop();
      const { stand } = mode.peek();
      if (stand !== null) seekTo((stand.targetMs ?? stand.cursorMs) + ms);
    },
    goLive(): void {
      if (mode.peek().stand === null) return;
      mode.value = goLive(mode.peek());
      cursor.value = null;
      for (const picture of pictures.values()) {
        picture.frameMs = -Infinity;
        picture.player.live();
      }
    },
    toggleFollow(): void {
      mode.value = toggle(mode.peek());
    },
    /** Samples came: a frame may have waited for them. */
    samplesCame: settle,
    /** Looks at what may have changed by itself; some times a second. */
    tick(): void {
      elect();
      const { stand } = mode.peek();
      if (stand === null) {
        const first = leader();
        if (first === undefined || !plays(first)) cursor.value = null;
        return;
      }
      if (stand.targetMs === null || performance.now() - soughtMs < GIVE_UP_MS) return;
      const showing = leader()?.player.showing();
      if (showing?.seeking !== true) stoodAt(showing?.frame?.captureMs ?? stand.targetMs, true);
    },
    /**
     * Right edge of the charts, ms since the Unix epoch; the same for all that are drawn in the
     * round of drawing that began at `roundMs`.
     */
    edgeMs(roundMs: number): number {
      if (round.ms !== roundMs) round = { ms: roundMs, edgeMs: edgeMs() };
      return round.edgeMs;
    },
  };
}

export type Playback = ReturnType<typeof createPlayback>;
