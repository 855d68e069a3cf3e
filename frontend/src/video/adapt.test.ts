import { expect, test } from "vitest";
import { adapt, reach, type Loader, type Parts } from "./adapt";

function engine() {
  let appended = 0;
  let loads = true;
  const loader: Loader = {
    load: () => void (loads = true),
    playlistOfLastInitSegment_: {},
    // Decides as the engine does: by the object.
    updateAppendInitSegmentStatus({ playlist }) {
      if (this.playlistOfLastInitSegment_.video === playlist) return;
      this.playlistOfLastInitSegment_.video = playlist;
      appended++;
    },
  };
  let complaints = 0;
  const parts: Parts = {
    playlistController_: {
      mainSegmentLoader_: loader,
      hasPlayed_: true,
      // Of a player that stands.
      handleUpdatedMediaPlaylist: () => void (loads = false),
    },
    playbackWatcher_: { checkSegmentDownloads_: () => complaints++ },
  };
  return { loader, parts, appended: () => appended, complaints: () => complaints, loads: () => loads };
}

test("a reload of a playlist needs no initialization section", () => {
  const { loader, parts, appended } = engine();
  adapt(parts);
  adapt(parts);
  for (let reload = 0; reload < 5; reload++) {
    loader.updateAppendInitSegmentStatus({ playlist: { id: "0-live" } }, "video");
  }
  expect(appended()).toBe(1);
});

test("another rendition does", () => {
  const { loader, parts, appended } = engine();
  adapt(parts);
  for (const id of ["0-live", "1-live"]) loader.updateAppendInitSegmentStatus({ playlist: { id } }, "video");
  expect(appended()).toBe(2);
});

test("parts that go by before a key frame are no fault", () => {
  const { parts, complaints } = engine();
  adapt(parts);
  parts.playbackWatcher_?.checkSegmentDownloads_("main");
  expect(complaints()).toBe(0);
});

test("a player that stands goes on loading when its playlist was reloaded", () => {
  const { parts, loads } = engine();
  adapt(parts);
  parts.playlistController_?.handleUpdatedMediaPlaylist({});
  expect(loads()).toBe(true);
});

test("one that was never sent to the live edge does not", () => {
  const { parts, loads } = engine();
  if (parts.playlistController_ !== undefined) parts.playlistController_.hasPlayed_ = false;
  adapt(parts);
  parts.playlistController_?.handleUpdatedMediaPlaylist({});
  expect(loads()).toBe(false);
});

test("no seek is taken for the engine's own", () => {
  const parts: Parts = { ignoreNextSeekingEvent_: true };
  let ignored = true;
  reach(parts, 3, () => (ignored = parts.ignoreNextSeekingEvent_ ?? false));
  expect(ignored).toBe(false);
});

test("an engine that has not begun is left alone", () => {
  expect(() => adapt({})).not.toThrow();
});

test("what is sought lies before the end of the medium", () => {
  const done: (() => void)[] = [];
  const seeks: number[] = [];
  const mediaSource = { duration: 18.1 };
  const { parts } = engine();
  if (parts.playlistController_ !== undefined) {
    parts.playlistController_.sourceUpdater_ = {
      mediaSource,
      setDuration(seconds, then) {
        done.push(() => {
          mediaSource.duration = seconds;
          then();
        });
      },
    };
  }
  const seek = (positionS: number) => reach(parts, positionS, () => seeks.push(positionS));
  seek(12);
  expect([seeks, done.length]).toEqual([[12], 0]);
  seek(18.4);
  expect(seeks, "not before the browser can").toEqual([12]);
  for (const finish of done) finish();
  expect(seeks).toEqual([12, 18.4]);
  expect(mediaSource.duration).toBeGreaterThan(18.4);
  reach({}, 3, () => seeks.push(3));
  expect(seeks.at(-1)).toBe(3);
});
