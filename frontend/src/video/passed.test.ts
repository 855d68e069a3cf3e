import { expect, test } from "vitest";
import type { ShownFrame } from "./frame";
import { Passed } from "./passed";
import { Timeline, type Entry } from "./timeline";

const SESSION = "00000000000000aa";
const entry = (seq: number): Entry => ({
  session: SESSION,
  seq,
  captureMs: 1000 + 40 * seq,
  mediaUs: 40_000 * seq,
});
/** As a playlist tells it before the timeline is there. */
const dated = (seq: number): ShownFrame => ({ ...entry(seq), session: null, seq: null, mediaUs: null });
const entries = (from: number, to: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));

test("frames between those that were shown are counted", () => {
  const timeline = new Timeline();
  timeline.merge(entries(0, 20));
  const passed = new Passed(timeline);
  for (const seq of [0, 1, 2, 5, 6, 10]) passed.add(entry(seq));
  expect(passed.count).toBe(2 + 3);
});

test("frames that were not captured are not counted", () => {
  const timeline = new Timeline();
  timeline.merge([entry(0), entry(1), entry(7), entry(8)]);
  const passed = new Passed(timeline);
  for (const seq of [0, 7, 8]) passed.add(entry(seq));
  expect(passed.count).toBe(1);
});

test("what was shown before the timeline was known is counted when it is", () => {
  const timeline = new Timeline();
  const passed = new Passed(timeline);
  for (const seq of [0, 1, 4, 5]) passed.add(dated(seq));
  expect(passed.count).toBe(0);
  timeline.merge(entries(0, 20));
  passed.add(dated(6));
  expect(passed.count).toBe(2);
  passed.add(entry(8));
  expect(passed.count).toBe(3);
});

test("what the timeline does not reach back to is left out", () => {
  const timeline = new Timeline();
  const passed = new Passed(timeline);
  passed.add(dated(0));
  timeline.merge(entries(10, 20));
  passed.add(entry(12));
  passed.add(entry(15));
  expect(passed.count).toBe(2);
});

test("a jump that somebody asked for passes over nothing", () => {
  const timeline = new Timeline();
  timeline.merge(entries(0, 20));
  const passed = new Passed(timeline);
  passed.add(entry(0));
  passed.interrupt();
  passed.add(entry(10));
  expect(passed.count).toBe(0);
  passed.add(entry(12));
  expect(passed.count).toBe(1);
  // The way back is none.
  passed.add(entry(3));
  expect(passed.count).toBe(1);
});
