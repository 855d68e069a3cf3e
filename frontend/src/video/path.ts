/** The ways in which pictures reach the screen. */

/** Fastest first. */
export const PATHS = ["webcodecs", "mse", "llhls", "hls", "native"] as const;
export type Path = (typeof PATHS)[number];

/** What people call them. */
export const PATH_NAMES: Readonly<Record<Path, string>> = {
  webcodecs: "WebCodecs",
  mse: "Live",
  llhls: "LL-HLS",
  hls: "HLS",
  native: "HLS (native)",
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
