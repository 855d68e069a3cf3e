/** One video.js player of one playlist, from its creation to its failure or its disposal. */
import videojs from "video.js";
import { captureTime, type Segment } from "./position";

/** What a player tells. */
export interface Listener {
  /** A frame came on screen; its capture time in ms since the Unix epoch, null when not known. */
  presented(captureMs: number | null): void;
  /** It ran out of pictures. */
  starved(): void;
  /** It cannot go on. */
  failed(reason: string): void;
}

export interface Player {
  readonly video: HTMLVideoElement;
  readonly paused: boolean;
  /** Frames that the browser decoded and did not show. */
  readonly skipped: number;
  /** Media loaded ahead of the playhead, seconds. */
  readonly aheadS: number;
  play(): void;
  pause(): void;
  setRate(rate: number): void;
  /** Seeks to the live edge if that is more than `beyondS` ahead. */
  jumpToLive(beyondS: number): void;
  dispose(): void;
}

/*
 * What differs from the defaults, and why:
 * - one rendition, on the same network: no bandwidth estimate may hold back a segment;
 * - the page has controls of its own, the same for pictures and charts: the parts of video.js that
 *   draw some are not created;
 * - a text track display would observe every cue, and there are only cues that describe segments.
 */
const OPTIONS = {
  autoplay: true,
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
    },
  },
};

// A playlist that is not there for a moment is told by the pane, not by the console.
videojs.log.level("error");

/** Creates a player within `host` and lets it play `url`. */
export function createPlayer(host: HTMLElement, url: string, listener: Listener): Player {
  const element = document.createElement("video");
  element.muted = true;
  element.playsInline = true;
  element.disablePictureInPicture = true;
  host.append(element);

  const player = videojs(element, OPTIONS);
  let disposed = false;
  let wantsPlay = true;
  let callback = 0;

  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    listener.presented(captureTime(segments(player), mediaTime));
    callback = element.requestVideoFrameCallback(onFrame);
  };
  callback = element.requestVideoFrameCallback(onFrame);

  player.on("error", () => listener.failed(player.error()?.message ?? "playback failed"));
  player.on("waiting", () => {
    if (wantsPlay && element.currentTime > 0 && !element.seeking) listener.starved();
  });
  const play = (): void => {
    wantsPlay = true;
    // Refused while the page is hidden, or aborted by a new source: tried again by whoever watches.
    void player.play()?.catch(() => undefined);
  };
  player.src({ src: url, type: "application/vnd.apple.mpegurl" });
  play();

  return {
    video: element,
    get paused() {
      return element.paused;
    },
    get skipped() {
      return element.getVideoPlaybackQuality().droppedVideoFrames;
    },
    get aheadS() {
      return ahead(element);
    },
    play,
    pause() {
      wantsPlay = false;
      player.pause();
    },
    setRate(rate) {
      if (element.playbackRate !== rate) element.playbackRate = rate;
    },
    jumpToLive(beyondS) {
      const seekable = player.seekable() as TimeRanges;
      if (seekable.length === 0) return;
      const edge = seekable.end(seekable.length - 1);
      if (edge > element.currentTime + beyondS) player.currentTime(edge);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      element.cancelVideoFrameCallback(callback);
      player.dispose();
    },
  };
}

interface TrackCue {
  startTime: number;
  endTime: number;
  /** Set by the HLS engine on every cue of its segment track. */
  value?: { programDateTime?: number; dateTimeString?: string };
}

/** Segments that are loaded, newest last, from the metadata track of the HLS engine. */
function* segments(player: ReturnType<typeof videojs>): Generator<Segment> {
  const tracks = player.textTracks() as unknown as ArrayLike<{
    label: string;
    cues: ArrayLike<TrackCue> | null;
  }>;
  for (let i = 0; i < tracks.length; i++) {
    const track = tracks[i];
    if (track?.label !== "segment-metadata" || track.cues === null) continue;
    for (let c = 0; c < track.cues.length; c++) {
      const cue = track.cues[c];
      if (cue?.value === undefined) continue;
      const programDateTimeMs = cue.value.programDateTime ?? Date.parse(cue.value.dateTimeString ?? "");
      if (Number.isFinite(programDateTimeMs)) {
        yield { startTime: cue.startTime, endTime: cue.endTime, programDateTimeMs };
      }
    }
  }
}

function ahead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) >= currentTime)
      return buffered.end(i) - currentTime;
  }
  return 0;
}
