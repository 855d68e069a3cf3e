/**
 * What runs in the page before any of its own scripts: reads every frame that comes on screen, and what the page says
 * beside it. Given to the page as text, so it stands alone: no imports.
 */

/**
 * @typedef {import("./barcode.js").decode} Decode
 *
 * @typedef {object} Said What the page says while a frame is on screen; null where it says nothing.
 * @property {number | null} seq Number of the frame.
 * @property {number | null} captureMs When it was captured, ms since the Unix epoch.
 * @property {string | null} path Which way it came.
 * @property {number | null} cursorMs Where the cursor of the chart of the stream of the same name stands.
 * @property {number | null} value Of the first series at the cursor.
 * @property {number | null} valueMs When that was measured.
 *
 * @typedef {object} Shown A frame that came on screen.
 * @property {string} stream
 * @property {number} player Number of the <video> or <canvas> that showed it, from 1, in the order of their first frames.
 * @property {number} atMs When it was read, ms since the Unix epoch.
 * @property {number} mediaTime Seconds; NaN on a canvas.
 * @property {number} presented Frames that this player submitted for composition so far.
 * @property {number} dropped Frames that this player decoded and did not show so far.
 * @property {number | null} seq From the barcode; null where there is none.
 * @property {number | null} tMs
 * @property {Said | null} said What was painted together with it; null where a later frame was there already.
 *
 * @typedef {import("./barcode.js").Code & { said: Said }} Look The code of the picture that is on screen at a moment.
 *
 * @typedef {object} Probe
 * @property {Shown[]} shown
 * @property {string[]} violations
 * @property {(stream: string) => HTMLVideoElement | HTMLCanvasElement | null} picture What is seen of a stream: of its
 *   pictures, one of which may cover the other, the topmost one.
 * @property {(stream: string) => Look | null} look Null where there is no picture, or no code in it.
 */

/**
 * @param {Decode} decode
 */
export function install(decode) {
  /** @type {Probe} */
  const probe = { shown: [], violations: [], picture, look };
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
  const draw = CanvasRenderingContext2D.prototype.drawImage;

  /** @param {CanvasImageSource} image @param {number} imageWidth @param {number} imageHeight */
  const read = (image, imageWidth, imageHeight) => {
    if (context === null || imageWidth === 0) return null;
    draw.call(context, image, 0, 0, imageWidth, imageHeight / 2, 0, 0, width, height / 2);
    return decode({ data: context.getImageData(0, 0, width, height / 2).data, width, height, stride: 4 });
  };

  /** @param {Element | null | undefined} element @param {string} name */
  const number = (element, name) => {
    const text = element?.getAttribute(name);
    return text === null || text === undefined || text === "" ? null : Number(text);
  };

  /** @param {string} stream @returns {Said} */
  const listen = (stream) => {
    const pane = (/** @type {string} */ kind) =>
      document.querySelector(`[data-kind="${kind}"][data-id="${stream}"]`);
    const [picture, chart] = [pane("frame"), pane("metric")];
    return {
      seq: number(picture, "data-seq"),
      captureMs: number(picture, "data-capture-ms"),
      path: picture?.getAttribute("data-path") ?? null,
      cursorMs: number(chart?.querySelector("[data-cursor-ms]"), "data-cursor-ms"),
      value: number(chart?.querySelector("[data-value]"), "data-value"),
      valueMs: number(chart?.querySelector("[data-value]"), "data-t-ms"),
    };
  };

  /** @param {string} stream */
  function picture(stream) {
    const pane = document.querySelector(`[data-kind="frame"][data-id="${stream}"]`);
    const pictures = /** @type {(HTMLVideoElement | HTMLCanvasElement)[]} */ ([
      ...(pane?.querySelectorAll("video, canvas") ?? []),
    ]);
    const seen = pictures.find((picture) => {
      const { x, y, width, height } = picture.getBoundingClientRect();
      const stack = document.elementsFromPoint(x + width / 2, y + height / 2);
      return stack.find((element) => pictures.some((one) => one === element)) === picture;
    });
    return seen ?? null;
  }

  /** @param {string} stream */
  function look(stream) {
    const seen = picture(stream);
    if (seen === null) return null;
    const isVideo = seen instanceof HTMLVideoElement;
    const code = read(seen, isVideo ? seen.videoWidth : seen.width, isVideo ? seen.videoHeight : seen.height);
    return code === null ? null : { ...code, said: listen(stream) };
  }

  /** @type {WeakMap<Element, number>} */
  const players = new WeakMap();
  let known = 0;
  // Runs after the page was painted: what it says then stands beside the frame. Messages, for timers are throttled.
  const painted = new MessageChannel();
  /** @type {Shown[]} */
  const toHear = [];
  painted.port1.onmessage = () => {
    for (const frame of toHear.splice(0)) {
      const latest = probe.shown.findLast(({ player }) => player === frame.player);
      if (latest === frame) frame.said = listen(frame.stream);
    }
  };

  /**
   * @param {HTMLElement} element
   * @param {Omit<Shown, "stream" | "player" | "said" | "seq" | "tMs">} facts
   * @param {import("./barcode.js").Code | null} code
   */
  const add = (element, facts, code) => {
    const player = players.get(element) ?? ++known;
    players.set(element, player);
    const stream = () => element.closest("[data-kind]")?.getAttribute("data-id") ?? "";
    const [seq, tMs] = [code?.seq ?? null, code?.tMs ?? null];
    /** @type {Shown} */
    const frame = { stream: stream(), player, ...facts, seq, tMs, said: null };
    // A canvas gets its first picture before it gets its place on the page.
    if (frame.stream === "") queueMicrotask(() => (frame.stream = stream()));
    probe.shown.push(frame);
    toHear.push(frame);
    requestAnimationFrame(() => painted.port2.postMessage(null));
  };

  /** @param {HTMLVideoElement} video */
  const follow = (video) => {
    const onFrame = (/** @type {number} */ _now, /** @type {VideoFrameCallbackMetadata} */ frame) => {
      const code = read(video, video.videoWidth, video.videoHeight);
      const facts = {
        atMs: Date.now(),
        mediaTime: frame.mediaTime,
        presented: frame.presentedFrames,
        dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
      };
      add(video, facts, code);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };

  // A decoder of the page's own draws its frames on a canvas, and so does who shows pixels as they were captured.
  /** @type {WeakMap<HTMLCanvasElement, number>} */
  const drawn = new WeakMap();
  /** @param {CanvasRenderingContext2D} context @param {boolean} decoded */
  const onDrawn = ({ canvas }, decoded) => {
    if (!(canvas instanceof HTMLCanvasElement) || !(decoded || canvas.classList.contains("exact"))) return;
    const presented = (drawn.get(canvas) ?? 0) + 1;
    drawn.set(canvas, presented);
    const code = read(canvas, canvas.width, canvas.height);
    add(canvas, { atMs: Date.now(), mediaTime: NaN, presented, dropped: 0 }, code);
  };
  /** @this {CanvasRenderingContext2D} @param {[CanvasImageSource, ...number[]]} args */
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    /** @type {Function} */ (draw).apply(this, args);
    onDrawn(this, typeof VideoFrame !== "undefined" && args[0] instanceof VideoFrame);
  };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  /** @this {CanvasRenderingContext2D} @param {[ImageData, ...number[]]} args */
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    /** @type {Function} */ (put).apply(this, args);
    onDrawn(this, false);
  };

  const followed = new WeakSet();
  new MutationObserver(() => {
    for (const video of document.querySelectorAll("video")) {
      if (followed.has(video)) continue;
      followed.add(video);
      follow(video);
    }
  }).observe(document, { childList: true, subtree: true });
}
