/**
 * Where the HLS engine (http-streaming 3.17) gives up a low-latency playlist that is as it should be, or sends nobody to
 * where the playlist reaches.
 *
 * It puts the initialization section before the next part whenever the playlist was reloaded, as if that made it another
 * rendition. After such a section a source buffer takes nothing up to the next key frame (Media Source Extensions,
 * 3.5.8), so on a machine where each part comes with a reload of its own next to nothing gets into the buffer.
 *
 * It also takes ten parts that add nothing to the buffer for a fault. Whoever joins behind a key frame sees as many go by
 * before the next one. Whether a player shows anything is watched by who made it.
 */

/** What is used of the engine, beyond its types. */
export interface Parts {
  playlistController_?: { mainSegmentLoader_: Loader; sourceUpdater_?: Updater };
  playbackWatcher_?: { checkSegmentDownloads_(type: string): void };
}

/** The engine's loader of segments. */
export interface Loader {
  playlistOfLastInitSegment_: { video?: { id: string } | null };
  updateAppendInitSegmentStatus(segment: { playlist: { id: string } }, type: "video" | "audio"): void;
}

/** The engine's access to the media source, which is busy now and then. */
export interface Updater {
  mediaSource: { duration: number };
  setDuration(seconds: number, done: () => void): void;
}

/** A medium ends so much after where it is sought, seconds. */
const BEYOND_S = 1;

const adapted = new WeakSet<Loader>();

/** Mends both in one player, as soon as its parts are there; asked again it does nothing. */
export function adapt({ playlistController_: controller, playbackWatcher_: watcher }: Parts): void {
  const loader = controller?.mainSegmentLoader_;
  if (loader === undefined || watcher === undefined || adapted.has(loader)) return;
  adapted.add(loader);
  const decide = loader.updateAppendInitSegmentStatus.bind(loader);
  loader.updateAppendInitSegmentStatus = (segment, type) => {
    const { playlistOfLastInitSegment_: last } = loader;
    if (type === "video" && last.video?.id === segment.playlist.id) last.video = segment.playlist;
    decide(segment, type);
  };
  watcher.checkSegmentDownloads_ = () => undefined;
}

/**
 * Calls `seek` once a seek to this position, seconds, leads there. The engine has the medium end three segments before a
 * live playlist does, and a browser seeks no further than to the end: who wants to see what has just come would wait
 * until that is three segments old.
 */
export function reach({ playlistController_: controller }: Parts, positionS: number, seek: () => void): void {
  const updater = controller?.sourceUpdater_;
  const endS = positionS + BEYOND_S;
  if (updater !== undefined && updater.mediaSource.duration < endS) updater.setDuration(endS, seek);
  else seek();
}
