/** Single frames from the WebSocket into Media Source Extensions: a video element that is never far behind. */
import type { ShownFrame } from "../frame";
import { mediaSourceClass } from "../path";
import type { Listener, Player, Surroundings } from "../player";
import { Control, JUMP_MS } from "./control";
import type { Fragment, Start } from "./message";
import { connectLive, gap } from "./socket";
import { Feed } from "./feed";

/**
 * Whoever was away gets all frames since the last key frame at once. To the last of these it jumps: once, and only while
 * none of them was on screen, for a browser shows what it decodes on the way, and would show it again. They are over
 * when nothing came for so long, or after so long at most, ms.
 */
const BURST_MS = { gap: 25, most: 250 };

/** Creates a player within `host` of the frames that come from `url`. */
export function createMse(
  host: HTMLElement,
  url: string,
  { timeline, heard }: Surroundings,
  listener: Listener,
): Player {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  // A managed media source works only where nothing can be cast.
  video.disableRemotePlayback = true;
  host.append(video);

  const control = new Control();
  let session = "";
  let newest: Fragment | null = null;
  let held = false;
  let disposed = false;
  let started = false;

  const failed = (reason: string): void => {
    if (disposed || held) return;
    socket.close();
    listener.failed(reason);
  };

  const Source = mediaSourceClass();
  if (Source === null) throw new Error("this browser has no Media Source Extensions");
  const media = new Source();
  const address = URL.createObjectURL(media);
  const feed = new Feed(media, {
    appended: (number) => {
      socket.ack(number);
      begin();
    },
    failed,
    positionS: () => video.currentTime,
  });
  video.src = address;
  video.onerror = () => failed(`the video element says: ${video.error?.message ?? "playback failed"}`);

  /** Media time of the newest frame that was on screen. */
  let presentedUs = -Infinity;
  /** When it is to have jumped at the latest, performance.now(); null when it is to play on. */
  let jumpByMs: number | null = null;
  /** Media time of the first frame that it jumps to reach. */
  let wantedUs = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether it plays them without a jump: the clock may run over a gap, or a burst be long. It catches up by speed. */
  const isThere = (): boolean => {
    if (presentedUs >= wantedUs) return true;
    const atUs = video.currentTime * 1e6;
    const runs = video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    return runs && newest !== null && wantedUs <= atUs && atUs <= newest.mediaUs;
  };
  const jump = (): void => {
    clearTimeout(timer);
    jumpByMs = null;
    if (newest === null || disposed || held) return;
    video.playbackRate = 1;
    video.currentTime = newest.mediaUs / 1e6;
    control.jumped(performance.now());
  };
  const jumpUnlessThere = (): void => {
    if (!isThere()) {
      jump();
      return;
    }
    jumpByMs = null;
    control.begin();
  };
  const jumpAfterBurst = (): void => {
    const nowMs = performance.now();
    jumpByMs ??= nowMs + BURST_MS.most;
    clearTimeout(timer);
    timer = setTimeout(jumpUnlessThere, Math.min(BURST_MS.gap, jumpByMs - nowMs));
  };
  /** The first frames are there: play from the newest of them, and catch up with those that follow by speed. */
  const begin = (): void => {
    if (started || newest === null) return;
    started = true;
    jump();
    play();
  };
  const play = (): void => {
    // Refused while the page is hidden: tried again when it is looked after.
    if (started && !held && video.paused) void video.play().catch(() => undefined);
  };

  const socket = connectLive(url, {
    start: (start: Start) => {
      session = start.session;
      feed.start(start);
    },
    fragment: (fragment) => {
      const { seq, captureMs, mediaUs, number } = fragment;
      timeline.append({ session, seq, captureMs, mediaUs }, newest !== null && number === newest.number + 1);
      listener.missed(gap(heard, number));
      // No clock runs over a gap in the buffer.
      const apart = newest !== null && number !== newest.number + 1;
      newest = fragment;
      feed.push(fragment);
      if (!started) return;
      if (apart) wantedUs = mediaUs;
      if (apart || jumpByMs !== null) jumpAfterBurst();
      if (jumpByMs !== null || video.seeking || video.paused) return;
      const step = control.arrived(performance.now(), mediaUs / 1e3 - video.currentTime * 1e3);
      if (step.action === "jump") {
        wantedUs = mediaUs;
        jumpAfterBurst();
      } else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
    },
    failed,
  });

  const identify = (mediaTime: number): ShownFrame | null => timeline.at(Math.round(mediaTime * 1e6));
  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    presentedUs = mediaTime * 1e6;
    listener.presented(identify(mediaTime));
    callback = video.requestVideoFrameCallback(onFrame);
  };
  let callback = video.requestVideoFrameCallback(onFrame);

  // Whoever comes back to the page, or wakes the machine, wants to see now.
  const onVisible = (): void => {
    if (document.hidden || held || !started) return;
    play();
    const behindMs = newest === null ? 0 : newest.mediaUs / 1e3 - video.currentTime * 1e3;
    if (behindMs > JUMP_MS) jump();
  };
  document.addEventListener("visibilitychange", onVisible);

  return {
    view: video,
    get positionS() {
      return video.currentTime;
    },
    skipped: null,
    tend: play,
    hold() {
      held = true;
      video.pause();
      socket.close();
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
      video.cancelVideoFrameCallback(callback);
      video.onerror = null;
      socket.close();
      feed.dispose();
      video.removeAttribute("src");
      video.load();
      URL.revokeObjectURL(address);
    },
  };
}
