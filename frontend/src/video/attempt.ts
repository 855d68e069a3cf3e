/** One attempt to show pictures: a player, its place on the page, and what came on screen of it. */
import { createExact } from "../exact/player";
import type { ShownFrame } from "./frame";
import { createHls, type Film } from "./hls";
import { createMse } from "./live/mse";
import { createWebCodecs } from "./live/webcodecs";
import { createNative } from "./native";
import type { Path, Source } from "./path";
import type { Listener, Player, Surroundings } from "./player";
import type { Scrubber } from "./scrubber";

/** Frames per second are counted over this, ms. */
const COUNT_MS = 2000;

export interface Attempt {
  path: Path;
  player: Player;
  /** The same player, if it can be sent to any frame. */
  film: Film | null;
  /** Who sends it there; null while it plays. */
  scrubber: Scrubber | null;
  host: HTMLElement;
  bornMs: number;
  /** performance.now() of the newest frame. */
  frameMs: number | null;
  frame: ShownFrame | null;
  /** Capture to screen of that frame, ms. */
  latencyMs: number | null;
  /** Media position when last looked at, to see progress of a picture that is out of sight. */
  positionS: number;
  /** performance.now() of the frames of late. */
  frames: number[];
  /** It failed; its last picture stays until another one is there. */
  failed: boolean;
}

/** Makes the player of a path. A film, which stands still, is made of the playlist that reaches back the furthest. */
export function createAttempt(
  parent: HTMLElement,
  path: Path,
  how: "plays" | "stands",
  source: Source,
  surroundings: Surroundings,
  listener: Listener,
): Attempt {
  const host = document.createElement("div");
  host.className = "player";
  // Until the right frame is found, a film is not to be seen: it lies below the picture that stays.
  if (how === "stands") parent.prepend(host);
  else parent.append(host);
  const { id, live, llhls, hls } = source;
  const make = (): { player: Player; film: Film | null } => {
    switch (path) {
      case "webcodecs":
        return { player: createWebCodecs(host, given(live), surroundings, listener), film: null };
      case "mse":
        return { player: createMse(host, given(live), surroundings, listener), film: null };
      case "llhls":
        return { player: createHls(host, given(llhls), "parts", surroundings, listener), film: null };
      case "hls": {
        const film = createHls(host, given(hls), how === "plays" ? "edge" : "film", surroundings, listener);
        return { player: film, film };
      }
      case "native":
        return { player: createNative(host, given(llhls ?? hls), listener), film: null };
      case "exact": {
        const url = `/ws/raw/${encodeURIComponent(id)}`;
        return { player: createExact(host, url, surroundings.world.exact(), listener), film: null };
      }
    }
  };
  return {
    path,
    ...make(),
    scrubber: null,
    host,
    bornMs: performance.now(),
    frameMs: null,
    frame: null,
    latencyMs: null,
    positionS: 0,
    frames: [],
    failed: false,
  };
}

export function drop({ player, scrubber, host }: Attempt): void {
  scrubber?.dispose();
  player.dispose();
  host.remove();
}

/** A frame came on screen, so long after its capture. */
export function count(attempt: Attempt, frame: ShownFrame | null, latencyMs: number | null): void {
  const nowMs = performance.now();
  attempt.frameMs = nowMs;
  attempt.frame = frame;
  attempt.latencyMs = latencyMs;
  attempt.frames.push(nowMs);
}

/** Frames per second that came on screen of late. */
export function rate({ frames }: Attempt): number {
  const sinceMs = performance.now() - COUNT_MS;
  while ((frames[0] ?? Infinity) < sinceMs) frames.shift();
  return (frames.length * 1000) / COUNT_MS;
}

/** Nobody is told of frames that are out of sight, or of a window that is covered; the position still moves. */
export function watchPosition(attempt: Attempt): void {
  const { positionS, view } = attempt.player;
  if (positionS === attempt.positionS) return;
  if (attempt.positionS !== 0 && outOfSight(view)) attempt.frameMs = performance.now();
  attempt.positionS = positionS;
}

/** The picture of a player, to stay when the player goes. */
export function snapshot({ player: { view } }: Attempt): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "still";
  [canvas.width, canvas.height] =
    view instanceof HTMLVideoElement ? [view.videoWidth, view.videoHeight] : [view.width, view.height];
  canvas.getContext("2d")?.drawImage(view, 0, 0);
  if (view.dataset["ownRegion"] !== undefined) {
    // It lies where the part of the frame lies that it shows.
    canvas.dataset["ownRegion"] = "";
    canvas.style.cssText = view.style.cssText;
  }
  return canvas;
}

function outOfSight(element: HTMLElement): boolean {
  const box = element.getBoundingClientRect();
  return box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth;
}

/** Only paths that the runner offers are taken. */
function given(url: string | null): string {
  if (url === null) throw new Error("the runner does not offer this path");
  return url;
}
