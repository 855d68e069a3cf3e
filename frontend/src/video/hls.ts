/** A playlist in a video.js player: at the live edge, or standing where one asks it to. */
import videojs from "video.js";
import { adapt, reach, type Parts } from "./adapt";
import { EdgePace } from "./edge";
import { Pace } from "./pace";
import type { Listener, Player, Surroundings } from "./player";
import { Cues, type CueTracks } from "./cues";
import { identify, type Segment } from "./position";
import { nextReload } from "./reload";

/** A player that can be sent to any frame of its playlist. */
export interface Film extends Player {
  /** Segments that are loaded, in any order. */
  segments(): Iterable<Segment>;
  /** Segments that the playlist names, oldest first; their times of presentation are estimates. */
  listed(): Segment[];
  /** Whether no seek is under way. */
  readonly settled: boolean;
  seekTo(positionS: number): void;
  /** Plays on, at the live edge. */
  resume(): void;
}

export type Kind = "edge" | "parts" | "film";

/** The live edge must be so far ahead, or a jump gains nothing (clocks may disagree), seconds. */
const JUMP_S = 3;
/** A player that starts stutters on its own account, ms. */
const SETTLE_MS = 3000;
/** Less media than this ahead is an empty buffer, seconds. */
const EMPTY_S = 0.3;

/*
 * What differs from the defaults, and why:
 * - one rendition, on the same network: no bandwidth estimate may hold back a segment;
 * - what was on screen is in the newest segments, which are no place to play on from but one to stand at;
 * - the page has controls of its own, the same for pictures and charts: the parts of video.js that
 *   draw some are not created;
 * - a text track display would observe every cue, and there are only cues that describe segments.
 */
const OPTIONS = {
  muted: true,
  playsinline: true,
  preload: "auto",
  controls: false,
  liveui: true,
  errorDisplay: false,
  bigPlayButton: false,
  controlBar: false,
  loadingSpinner: false,
  posterImage: false,
  textTrackDisplay: false,
  textTrackSettings: false,
  resizeManager: false,
  titleBar: false,
  userActions: { click: false, doubleClick: false, hotkeys: false },
  html5: {
    nativeTextTracks: false,
    vhs: {
      overrideNative: true,
      bandwidth: 1e9,
      useBandwidthFromLocalStorage: false,
      enableLowInitialPlaylist: false,
      useDevicePixelRatio: false,
      limitRenditionByPlayerDimensions: false,
      cacheEncryptionKeys: false,
      allowSeeksWithinUnsafeLiveWindow: true,
    },
  },
};

// A playlist that is not there for a moment is told by the pane, not by the console.
videojs.log.level("error");

/**
 * Creates a player within `host` of the playlist `url`: `edge` plays whole segments and `parts` parts of them, both at
 * the live edge; `film` stands still.
 */
export function createHls(
  host: HTMLElement,
  url: string,
  kind: Kind,
  { timeline, world }: Surroundings,
  listener: Listener,
): Film {
  const element = document.createElement("video");
  element.muted = true;
  element.playsInline = true;
  element.disablePictureInPicture = true;
  host.append(element);

  const player = videojs(element, { ...OPTIONS, autoplay: true });
  const cues = new Cues(player.textTracks() as unknown as CueTracks, kind !== "parts");
  const bornMs = performance.now();
  let pace = new Pace();
  const edge = new EdgePace();
  let disposed = false;
  let wantsPlay = true;
  let callback = 0;

  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    callback = element.requestVideoFrameCallback(onFrame);
    listener.presented(identify(cues.segments(), mediaTime, timeline));
  };
  callback = element.requestVideoFrameCallback(onFrame);

  // The HLS engine loads nothing of a live stream until it plays: a film does, for a moment.
  let loads = kind !== "film";
  player.one("loadeddata", () => {
    loads = true;
    if (kind !== "film") return;
    wantsPlay = false;
    player.pause();
  });
  player.on("error", () => listener.failed(player.error()?.message ?? "playback failed"));
  player.on("waiting", () => {
    const settled = performance.now() - bornMs > SETTLE_MS && element.currentTime > 0 && !element.seeking;
    if (wantsPlay && settled && ahead(element) < EMPTY_S && world.expecting()) {
      pace.starved();
      edge.starved(performance.now());
    }
  });
  const play = (): void => {
    // Refused while the page is hidden, or aborted by a new source: tried again when it is looked after.
    if (wantsPlay && element.paused) void player.play()?.catch(() => undefined);
  };
  const liveEdgeS = (): number => {
    const seekable = player.seekable() as TimeRanges;
    return seekable.length === 0 ? 0 : seekable.end(seekable.length - 1);
  };
  const jumpToLive = (beyondS: number): void => {
    const edgeS = liveEdgeS();
    if (edgeS > element.currentTime + beyondS) player.currentTime(edgeS);
  };
  player.on("xhr-hooks-ready", () => {
    const { vhs } = engine(player);
    vhs?.xhr?.onRequest((request) => {
      adapt(vhs);
      const known = vhs.playlists?.media();
      if (request.requestType === "hls-playlist" && known !== undefined) {
        request.uri = nextReload(request.uri, known);
      }
      return request;
    });
  });
  player.src({ src: url, type: "application/vnd.apple.mpegurl" });
  play();

  return {
    view: element,
    get positionS() {
      return element.currentTime;
    },
    skipped: null,
    tend(latencyMs) {
      if (!wantsPlay) return;
      play();
      const step =
        kind === "parts"
          ? edge.step(liveEdgeS() - element.currentTime, performance.now())
          : pace.step({ latencyMs, aheadS: ahead(element) });
      if (step.action === "jump") jumpToLive(kind === "parts" ? 0 : JUMP_S);
      else if (element.playbackRate !== step.rate) element.playbackRate = step.rate;
    },
    hold() {
      wantsPlay = false;
      player.pause();
    },
    resume() {
      wantsPlay = true;
      pace = new Pace();
      jumpToLive(0.5);
      play();
    },
    segments: () => cues.segments(),
    get settled() {
      return !element.seeking;
    },
    listed: () => (loads ? listed(player) : []),
    seekTo(positionS) {
      reach(engine(player).vhs ?? {}, positionS, () => {
        if (!disposed) player.currentTime(positionS);
      });
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      element.cancelVideoFrameCallback(callback);
      player.dispose();
    },
  };
}

type VideoJs = ReturnType<typeof videojs>;

interface Playlist {
  mediaSequence: number;
  segments: { duration: number; preload?: boolean; programDateTime?: number; dateTimeObject?: Date }[];
}

/** What is used of the HLS engine beyond the types of video.js. */
interface Engine {
  vhs?: Parts & {
    playlists?: { media(): Playlist | undefined };
    xhr?: { onRequest(hook: (request: { uri: string; requestType?: string }) => object): void };
  };
}

function engine(player: VideoJs): Engine {
  return player.tech(true) as unknown as Engine;
}

/** The playlist as the HLS engine has it, placed where it says that one can seek. */
function listed(player: VideoJs): Segment[] {
  const seekable = player.seekable() as TimeRanges;
  const list = engine(player).vhs?.playlists?.media()?.segments;
  if (list === undefined || seekable.length === 0) return [];
  let startTime = seekable.start(0);
  return list.flatMap(({ duration, programDateTime, dateTimeObject }): Segment[] => {
    const segment = {
      startTime,
      endTime: (startTime += duration),
      programDateTimeMs: programDateTime ?? dateTimeObject?.getTime() ?? NaN,
    };
    return Number.isFinite(segment.programDateTimeMs) ? [segment] : [];
  });
}

function ahead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime)
      return buffered.end(i) - currentTime;
  }
  return 0;
}
