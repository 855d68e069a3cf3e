/** A playlist in a browser that plays it by itself, and where nothing else plays. */
import type { Listener, Player } from "./player";

/** What only browsers with HLS have: the date of media time 0. */
interface Dated {
  getStartDate?(): Date;
}

/** Further behind the live edge than this it jumps, seconds. */
const JUMP_S = 10;

/** Creates a player within `host` of the playlist `url`. */
export function createNative(host: HTMLElement, url: string, listener: Listener): Player {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  host.append(video);
  let held = false;
  let callback = 0;

  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    callback = video.requestVideoFrameCallback(onFrame);
    const startMs = (video as Dated).getStartDate?.().getTime() ?? NaN;
    const captureMs = startMs + mediaTime * 1000;
    listener.presented(
      Number.isFinite(captureMs) ? { session: null, seq: null, captureMs, mediaUs: null } : null,
    );
  };
  callback = video.requestVideoFrameCallback(onFrame);
  video.onerror = () => listener.failed(video.error?.message ?? "playback failed");
  const play = (): void => {
    if (!held && video.paused) void video.play().catch(() => undefined);
  };
  video.src = url;
  play();

  return {
    view: video,
    get positionS() {
      return video.currentTime;
    },
    get skipped() {
      return video.getVideoPlaybackQuality().droppedVideoFrames;
    },
    tend() {
      play();
      const { seekable } = video;
      const edgeS = seekable.length === 0 ? 0 : seekable.end(seekable.length - 1);
      if (Number.isFinite(edgeS) && edgeS - video.currentTime > JUMP_S) video.currentTime = edgeS;
    },
    hold() {
      held = true;
      video.pause();
    },
    dispose() {
      video.cancelVideoFrameCallback(callback);
      video.onerror = null;
      video.removeAttribute("src");
      video.load();
    },
  };
}
