/**
 * Where the HLS engine (http-streaming 3.17) gives up a low-latency playlist that is as it should be, sends nobody to
 * where the playlist reaches, or leaves a player that stands without what it was sent to.
 *
 * It puts the initialization section before the next part whenever the playlist was reloaded, as if that made it another
 * rendition. After such a section a source buffer takes nothing up to the next key frame (Media Source Extensions,
 * 3.5.8), so on a machine where each part comes with a reload of its own next to nothing gets into the buffer.
 *
 * It also takes ten parts that add nothing to the buffer for a fault. Whoever joins behind a key frame sees as many go by
 * before the next one. Whether a player shows anything is watched by who made it.
 *
 * With every reload of the playlist it stops to load, and goes on only where the player plays. One that stands gets what
 * it can between two reloads, and a frame near the end of what is loaded may never show: a decoder gives it away with
 * those behind it.
 *
 * It ignores the next seek after it has sent a player to the live edge, as if that had been its own one. Where the player
 * was there already the browser tells of none, and the one that is ignored is somebody else's.
 */

/** What is used of the engine, beyond its types. */
export interface Parts {
  ignoreNextSeekingEvent_?: boolean;
  playlistController_?: Controller;
  playbackWatcher_?: { checkSegmentDownloads_(type: string): void };
}

/** What sees to it that the playlist is played. */
export interface Controller {
  mainSegmentLoader_: Loader;
  sourceUpdater_?: Updater;
  /** Whether it has begun: before that it does not know where. */
  hasPlayed_: boolean;
  handleUpdatedMediaPlaylist(playlist: object): void;
}

/** The engine's loader of segments. */
export interface Loader {
  /** Goes on, as long as less is loaded than the engine keeps ahead. */
  load(): void;
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

/** Mends this in one player, as soon as its parts are there; asked again it does nothing. */
export function adapt({ playlistController_: controller, playbackWatcher_: watcher }: Parts): void {
  const loader = controller?.mainSegmentLoader_;
  if (controller === undefined || loader === undefined || watcher === undefined || adapted.has(loader))
    return;
  adapted.add(loader);
  const decide = loader.updateAppendInitSegmentStatus.bind(loader);
  loader.updateAppendInitSegmentStatus = (segment, type) => {
    const { playlistOfLastInitSegment_: last } = loader;
    if (type === "video" && last.video?.id === segment.playlist.id) last.video = segment.playlist;
    decide(segment, type);
  };
  watcher.checkSegmentDownloads_ = () => undefined;
  const update = controller.handleUpdatedMediaPlaylist.bind(controller);
  controller.handleUpdatedMediaPlaylist = (playlist) => {
    update(playlist);
    if (controller.hasPlayed_) loader.load();
  };
}

/**
 * Calls `seek` once a seek to this position, seconds, leads there. The engine has the medium end three segments before a
 * live playlist does, and a browser seeks no further than to the end: who wants to see what has just come would wait
 * until that is three segments old.
 */
export function reach(parts: Parts, positionS: number, seek: () => void): void {
  const { playlistController_: controller } = parts;
  parts.ignoreNextSeekingEvent_ = false;
  const updater = controller?.sourceUpdater_;
  const endS = positionS + BEYOND_S;
  if (updater !== undefined && updater.mediaSource.duration < endS) updater.setDuration(endS, seek);
  else seek();
}
