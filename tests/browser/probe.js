/**
 * What runs in the page before any of its own scripts: reads every frame that comes on screen.
 * Given to the page as text, so it stands alone: no imports.
 */

/**
 * @typedef {import("./barcode.js").decode} Decode
 *
 * @typedef {object} Shown A frame that came on screen.
 * @property {string} stream
 * @property {number} player Number of the <video> element that showed it, from 1, in the order of their creation.
 * @property {number} atMs When it was read, ms since the Unix epoch.
 * @property {number} mediaTime Seconds.
 * @property {number} presented Frames that this player submitted for composition so far.
 * @property {number} dropped Frames that this player decoded and did not show so far.
 * @property {number | null} seq From the barcode; null where there is none.
 * @property {number | null} tMs
 *
 * @typedef {{ shown: Shown[], violations: string[] }} Probe
 */

/**
 * @param {Decode} decode
 */
export function install(decode) {
  /** @type {Probe} */
  const probe = { shown: [], violations: [] };
  Object.assign(window, { probe });
  document.addEventListener("securitypolicyviolation", (event) =>
    probe.violations.push(`${event.violatedDirective}: ${event.blockedURI}`),
  );

  // Small: enough for the code, cheap to read back.
  const [width, height] = [144, 128];
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height / 2;
  const context = canvas.getContext("2d", { willReadFrequently: true });

  /** @param {HTMLVideoElement} video */
  const read = (video) => {
    if (context === null || video.videoWidth === 0) return null;
    const { videoWidth, videoHeight } = video;
    context.drawImage(video, 0, 0, videoWidth, videoHeight / 2, 0, 0, width, height / 2);
    return decode({ data: context.getImageData(0, 0, width, height / 2).data, width, height, stride: 4 });
  };

  /** @param {HTMLVideoElement} video @param {number} player */
  const follow = (video, player) => {
    const onFrame = (/** @type {number} */ _now, /** @type {VideoFrameCallbackMetadata} */ frame) => {
      const code = read(video);
      probe.shown.push({
        stream: video.closest("[data-kind]")?.getAttribute("data-id") ?? "",
        player,
        atMs: Date.now(),
        mediaTime: frame.mediaTime,
        presented: frame.presentedFrames,
        dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
        seq: code?.seq ?? null,
        tMs: code?.tMs ?? null,
      });
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };

  const known = new WeakSet();
  let players = 0;
  new MutationObserver(() => {
    for (const video of document.querySelectorAll("video")) {
      if (known.has(video)) continue;
      known.add(video);
      follow(video, ++players);
    }
  }).observe(document, { childList: true, subtree: true });
}
