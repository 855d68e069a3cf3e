/**
 * Which part of a playlist to wait for (RFC 8216bis, 6.2.5.2).
 *
 * When a segment is complete and no part of the next one is there, the HLS engine (http-streaming 3.17) still counts the
 * parts of the old one and asks again for what it has, which is answered at once, from a cache for a second. So the
 * question is put right here.
 */

/** What the HLS engine knows of a media playlist. */
export interface Known {
  /** Number of the first segment. */
  mediaSequence: number;
  /** `preload`: it is not complete. */
  segments: readonly { preload?: boolean }[];
}

/** The address of a reload, with the segment and part that come next. */
export function nextReload(uri: string, { mediaSequence, segments }: Known): string {
  const url = new URL(uri);
  const complete = segments.at(-1)?.preload !== true;
  if (!url.searchParams.has("_HLS_msn") || segments.length === 0 || !complete) return uri;
  url.searchParams.set("_HLS_msn", String(mediaSequence + segments.length));
  url.searchParams.set("_HLS_part", "0");
  return url.href;
}
