/** One player of one path, from its creation to its failure or its disposal. */
import type { Place } from "../exact/player";
import type { ShownFrame } from "./frame";
import type { Timeline } from "./timeline";

/** What a player tells. */
export interface Listener {
  /** A frame came on screen; null when it is not known which. */
  presented(frame: ShownFrame | null): void;
  /** Frames that never came. */
  missed(frames: number): void;
  /** It cannot go on. */
  failed(reason: string): void;
}

/** What a player knows of the world. */
export interface Surroundings {
  /** Filled by who hears of frames first. */
  timeline: Timeline;
  /** Number of the newest frame that came to any live player; null before, or when it was not to come. */
  heard: { number: number | null };
  /** Whether a frame of this media time, microseconds, or a later one was on screen: nothing goes back there. */
  wasShown: (mediaUs: number) => boolean;
  world: {
    /** Whether new pictures can be expected. */
    expecting(): boolean;
    /** What the pane has for exact pixels. */
    exact(): Place;
  };
}

export interface Player {
  /** Where the picture is. */
  readonly view: HTMLVideoElement | HTMLCanvasElement;
  /** Moves while it plays, also where nobody is told of frames, seconds. */
  readonly positionS: number;
  /** Frames that were decoded and not shown; null where the timeline tells. */
  readonly skipped: number | null;
  /** Called a few times a second while it is to play; capture to screen, ms, null when not known. */
  tend(latencyMs: number | null): void;
  /** Stand still. What is live ends for good. */
  hold(): void;
  dispose(): void;
}
