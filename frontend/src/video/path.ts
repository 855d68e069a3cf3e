/** The ways in which pictures reach the screen. */

/** Those of the encoded picture, any of which may be taken where nobody chose one. Fastest first. */
export const PATHS = ["webcodecs", "mse", "llhls", "hls", "native"] as const;
/** `exact` shows pixels as they were captured, to who asks for that. */
export type Path = (typeof PATHS)[number] | "exact";

/** What people call them. */
export const PATH_NAMES: Readonly<Record<Path, string>> = {
  webcodecs: "WebCodecs",
  mse: "Live",
  llhls: "LL-HLS",
  hls: "HLS",
  native: "HLS (native)",
  exact: "Exact",
};

/** What the runner serves of one stream: paths on its own host, null where there is nothing yet. */
export interface Source {
  id: string;
  /** Playlist of whole segments, which reaches back as far as anything does. */
  hls: string | null;
  /** Playlist of parts. */
  llhls: string | null;
  /** WebSocket of single frames. */
  live: string | null;
}

/** What this browser can do here. */
export interface Features {
  /** localhost or https. */
  secureContext: boolean;
  videoDecoder: boolean;
  /** Media Source Extensions that take H.264 in fragmented MP4. */
  mediaSource: boolean;
  /** The element plays HLS playlists by itself. */
  nativeHls: boolean;
  webgl2: boolean;
}

const H264 = 'video/mp4; codecs="avc1.42c01e"';

/** ManagedMediaSource is what iPhones have instead. */
export function mediaSourceClass(): typeof MediaSource | null {
  const scope = globalThis as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };
  return scope.MediaSource ?? scope.ManagedMediaSource ?? null;
}

/** Asks this browser. */
export function detect(): Features {
  return {
    secureContext: globalThis.isSecureContext,
    videoDecoder: "VideoDecoder" in globalThis,
    mediaSource: mediaSourceClass()?.isTypeSupported(H264) ?? false,
    nativeHls: document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "",
    webgl2: "WebGL2RenderingContext" in globalThis,
  };
}

/** Why a path cannot be taken; null if it can. */
export function obstacle(path: Path, features: Features, source: Source): string | null {
  switch (path) {
    case "webcodecs":
      if (!features.secureContext) return "no secure context";
      if (!features.videoDecoder) return "this browser has none";
      return source.live === null ? "the runner does not offer it yet" : null;
    case "mse":
      if (!features.mediaSource) return "no Media Source Extensions";
      return source.live === null ? "the runner does not offer it yet" : null;
    case "llhls":
      if (!features.mediaSource) return "no Media Source Extensions";
      return source.llhls === null ? "the runner does not offer it yet" : null;
    case "hls":
      if (!features.mediaSource) return "no Media Source Extensions";
      return source.hls === null ? "the runner does not offer it yet" : null;
    case "native":
      if (!features.nativeHls) return "this browser plays no HLS";
      return (source.llhls ?? source.hls) === null ? "the runner does not offer it yet" : null;
    case "exact":
      return features.webgl2 ? null : "this browser has no WebGL 2";
  }
}
