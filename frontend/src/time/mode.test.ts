import { expect, test } from "vitest";
import { arrive, goLive, inView, LIVE, pause, seek, toggle } from "./mode";

const WINDOW_MS = 10_000;
/** Live, with charts that end now while the picture is 3 s behind. */
const paused = pause(LIVE, 97_000, 100_000, WINDOW_MS);

test("a window that shows the cursor stays where it is", () => {
  expect(inView(100_000, 90_000, WINDOW_MS)).toBe(100_000);
  expect(inView(100_000, 100_000, WINDOW_MS)).toBe(100_000);
});

test("a window moves no further than the cursor asks", () => {
  expect(inView(100_000, 100_033, WINDOW_MS)).toBe(100_033);
  const end = inView(100_000, 80_000, WINDOW_MS);
  expect([end - WINDOW_MS < 80_000, end > 80_000]).toEqual([true, true]);
});

test("a pause leaves the charts where they are, with the cursor at the frame", () => {
  expect(paused.stand).toEqual({ cursorMs: 97_000, targetMs: null, endMs: 100_000 });
});

test("a pause of what is paused changes nothing", () => {
  expect(pause(paused, 99_000, 101_000, WINDOW_MS)).toBe(paused);
});

test("a picture that is further behind than the window is long moves the charts", () => {
  const { stand } = pause(LIVE, 80_000, 100_000, WINDOW_MS);
  expect(stand?.endMs).toBe(89_000);
});

test("while a frame is sought the cursor stays at the one on screen", () => {
  const sought = seek(paused, 95_000, 100_000, WINDOW_MS);
  expect(sought.stand).toEqual({ cursorMs: 97_000, targetMs: 95_000, endMs: 100_000 });
  expect(arrive(sought, 95_010, true, WINDOW_MS).stand).toEqual({
    cursorMs: 95_010,
    targetMs: null,
    endMs: 100_000,
  });
});

test("a frame on the way moves the cursor, and the other is still asked for", () => {
  const sought = seek(paused, 60_000, 100_000, WINDOW_MS);
  expect(arrive(sought, 80_000, false, WINDOW_MS).stand).toEqual({
    cursorMs: 80_000,
    targetMs: 60_000,
    endMs: 69_000,
  });
});

test("seeking pauses a live page", () => {
  expect(seek(LIVE, 95_000, 100_000, WINDOW_MS).stand).toMatchObject({ targetMs: 95_000, endMs: 100_000 });
});

test("charts follow a frame that was sought beyond their window", () => {
  expect(seek(paused, 60_000, 100_000, WINDOW_MS).stand?.endMs).toBe(69_000);
  expect(arrive(paused, 100_040, true, WINDOW_MS).stand?.endMs).toBe(100_040);
});

test("a frame that comes on screen of a live page changes nothing", () => {
  expect(arrive(LIVE, 1, true, WINDOW_MS)).toBe(LIVE);
});

test("live is live, whatever the charts follow", () => {
  expect(goLive(toggle(paused))).toEqual({ follow: "live", stand: null });
  expect(toggle(toggle(LIVE))).toEqual(LIVE);
});
