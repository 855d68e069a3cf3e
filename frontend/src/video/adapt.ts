/**
 * Where the HLS engine (http-streaming 3.17) gives up a low-latency playlist that is as it should be.
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
  playlistController_?: { mainSegmentLoader_: Loader };
  playbackWatcher_?: { checkSegmentDownloads_(type: string): void };
}

/** The engine's loader of segments. */
export interface Loader {
  playlistOfLastInitSegment_: { video?: { id: string } | null };
  updateAppendInitSegmentStatus(segment: { playlist: { id: string } }, type: "video" | "audio"): void;
}

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
