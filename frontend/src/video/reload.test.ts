import { expect, test } from "vitest";
import { nextReload } from "./reload";

const at = "http://runner/hls/cam/live.m3u8";
const whole = { preload: false };
const open = { preload: true };

test("within a segment the question is right", () => {
  const uri = `${at}?_HLS_msn=18&_HLS_part=9`;
  expect(nextReload(uri, { mediaSequence: 10, segments: [...Array<object>(8).fill(whole), open] })).toBe(uri);
});

test("after a complete segment the first part of the next one is asked for, not an old one again", () => {
  const known = { mediaSequence: 10, segments: Array<object>(9).fill(whole) };
  expect(nextReload(`${at}?_HLS_msn=18&_HLS_part=9`, known)).toBe(`${at}?_HLS_msn=19&_HLS_part=0`);
});

test("what does not wait is left as it is", () => {
  expect(nextReload(at, { mediaSequence: 0, segments: [whole] })).toBe(at);
  expect(nextReload(`${at}?_HLS_msn=0`, { mediaSequence: 0, segments: [] })).toBe(`${at}?_HLS_msn=0`);
});
