import { expect, test } from "vitest";
import { Cues, type CueTrack, type CueTracks } from "./cues";

const T0 = 1_760_000_000_000;

function made(whole: boolean) {
  const cues: { startTime: number; endTime: number; value: { programDateTime: number } }[] = [];
  const track: CueTrack = {
    label: "segment-metadata",
    cues,
    addCue: (cue) => void cues.push(cue as (typeof cues)[number]),
  };
  const tracks: CueTracks = Object.assign([track], {
    addEventListener: (_: "addtrack", listener: (event: { track: CueTrack }) => void) => listener({ track }),
  });
  const told = new Cues(tracks, whole);
  const load = (startTime: number, endTime: number, date: number) => {
    track.addCue({ startTime, endTime, value: { programDateTime: T0 + date } });
    // As in a browser: in order of time, not of coming.
    cues.sort((a, b) => a.startTime - b.startTime);
  };
  return { load, segments: () => [...told.segments()].map((s) => [s.startTime, s.endTime]) };
}

test("of a segment that was loaded twice the newer place counts, though the older cue stays", () => {
  const { load, segments } = made(true);
  load(11.375, 12.375, 0);
  load(10.25, 11.25, 1000);
  load(11.25, 12.25, 0);
  expect(segments()).toEqual([
    [10.25, 11.25],
    [11.25, 12.25],
  ]);
});

test("a segment that moved and kept its old start begins where its end says", () => {
  const { load, segments } = made(true);
  load(6.25, 7.25, 0);
  load(6.25, 7.265625, 0);
  expect(segments()).toEqual([[6.265625, 7.265625]]);
});

test("parts grow into segments", () => {
  const { load, segments } = made(false);
  load(6, 6.125, 0);
  load(6, 6.25, 0);
  expect(segments()).toEqual([
    [6, 6.125],
    [6, 6.25],
  ]);
});
