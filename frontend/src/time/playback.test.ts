import { beforeEach, expect, test, vi } from "vitest";
import type { ShownFrame } from "../video/frame";
import { createPlayback, type Playback, type Player } from "./playback";

/** A picture as a keeper shows it: what it is asked for is written down. */
class Picture implements Player {
  readonly asked: string[] = [];
  frame: ShownFrame | null = null;
  seeking = false;
  asleep = false;
  private listener: ((frame: ShownFrame) => void) | null = null;

  /** A frame comes on screen; afterwards it is known whether it is the one that was asked for. */
  show(captureMs: number, found = true): void {
    this.frame = { session: null, seq: null, captureMs, mediaUs: null };
    this.listener?.(this.frame);
    if (found) this.seeking = false;
  }

  showing() {
    return { frame: this.frame, seeking: this.seeking, asleep: this.asleep } as ReturnType<Player["showing"]>;
  }
  pause(atMs?: number): void {
    this.asked.push(`pause ${atMs ?? "here"}`);
  }
  seek(captureMs: number): void {
    this.seeking = true;
    this.asked.push(`seek ${captureMs}`);
  }
  step(frames: number): void {
    this.seeking = true;
    this.asked.push(`step ${frames}`);
  }
  live(): void {
    this.asked.push("live");
  }
  onFrame(listener: (frame: ShownFrame) => void): () => void {
    this.listener = listener;
    return () => (this.listener = null);
  }
}

let playback: Playback;
let a: Picture;
let b: Picture;
/** The runner's clock, and how far samples reach. */
let nowMs: number;
let knownMs: number | null;

const FACTS = { fps: () => 25, patienceMs: () => 2000 };
const WINDOW_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
  nowMs = 100_000;
  knownMs = null;
  playback = createPlayback({ now: () => nowMs, windowMs: () => WINDOW_MS, knownMs: () => knownMs });
  a = new Picture();
  b = new Picture();
  playback.join("frame/a", a, FACTS);
  playback.join("frame/b", b, FACTS);
});

/** Time goes by, for the page and for the runner. */
function pass(ms: number): void {
  nowMs += ms;
  vi.advanceTimersByTime(ms);
  playback.tick();
}

let rounds = 0;
const edgeMs = () => playback.edgeMs(++rounds);
const cursorMs = () => playback.cursor.value?.captureMs ?? null;

test("charts end now until a picture plays, and then at its frame", () => {
  expect(edgeMs()).toBe(100_000);
  a.show(96_500);
  expect([edgeMs(), cursorMs(), playback.lead.value]).toEqual([96_500, 96_500, "frame/a"]);
  expect(playback.cursor.value?.toleranceMs).toBe(20);
});

test("charts of one round of drawing agree, whatever comes in between", () => {
  a.show(96_500);
  const first = playback.edgeMs(7);
  a.show(96_540);
  expect(playback.edgeMs(7)).toBe(first);
  expect(playback.edgeMs(8)).toBe(96_540);
});

test("live charts end now, with the cursor at the frame", () => {
  playback.toggleFollow();
  a.show(96_500);
  expect([edgeMs(), cursorMs()]).toEqual([100_000, 96_500]);
});

test("the first picture that plays leads, until another is acted upon", () => {
  b.show(96_000);
  a.show(96_010);
  expect(playback.lead.value).toBe("frame/b");
  playback.touch("frame/a");
  a.show(96_050);
  b.show(96_040);
  expect([playback.lead.value, cursorMs()]).toEqual(["frame/a", 96_050]);
});

test("a picture that stalls does not hold the charts", () => {
  a.show(96_500);
  pass(1900);
  expect(edgeMs()).toBe(96_500);
  pass(200);
  expect([edgeMs(), cursorMs(), playback.lead.value]).toEqual([nowMs, null, null]);
  b.show(98_000);
  expect(playback.lead.value).toBe("frame/b");
});

test("the cursor waits for the samples of its frame", () => {
  knownMs = 96_450;
  a.show(96_500);
  expect(cursorMs()).toBeNull();
  knownMs = 96_490;
  playback.samplesCame();
  expect(cursorMs()).toBe(96_500);
  a.show(96_540);
  vi.advanceTimersByTime(150);
  expect(cursorMs()).toBe(96_540);
});

test("a pause stops every picture at the frame of the one that leads", () => {
  a.show(96_500);
  b.show(96_520);
  playback.touch("frame/b");
  playback.pause();
  expect([a.asked, b.asked]).toEqual([["pause 96520"], ["pause here"]]);
  pass(5000);
  expect([edgeMs(), cursorMs(), playback.mode.value.stand?.cursorMs]).toEqual([96_520, 96_520, 96_520]);
});

test("a paused page does not follow what its pictures had under way", () => {
  a.show(96_500);
  b.show(96_500);
  playback.pause();
  b.show(96_540);
  expect(cursorMs()).toBe(96_500);
});

test("a page without pictures pauses now, and is moved by itself", () => {
  playback.pause();
  expect(cursorMs()).toBe(100_000);
  playback.step(-1);
  expect(cursorMs()).toBe(99_900);
  playback.skip(-1000);
  expect(cursorMs()).toBe(98_900);
});

test("a camera that stalled long ago does not take a paused page back to then", () => {
  a.show(20_000);
  pass(80_000);
  playback.touch("frame/a");
  playback.pause();
  pass(1000);
  expect(cursorMs()).toBe(180_000);
});

test("seeking goes everywhere at once, and the cursor with the frame", async () => {
  a.show(96_500);
  playback.seek(90_007);
  expect([a.asked.at(-1), b.asked.at(-1)]).toEqual(["seek 90007", "seek 90007"]);
  expect([cursorMs(), playback.mode.value.stand?.targetMs]).toEqual([96_500, 90_007]);
  a.show(94_000, false);
  await Promise.resolve();
  expect([cursorMs(), playback.mode.value.stand?.targetMs]).toEqual([94_000, 90_007]);
  expect(b.asked.at(-1)).toBe("seek 90007");
  a.show(90_020);
  await Promise.resolve();
  expect([cursorMs(), playback.mode.value.stand?.targetMs]).toEqual([90_020, null]);
  expect(b.asked.at(-1)).toBe("seek 90020");
});

test("nothing can be sought that has not happened", () => {
  a.show(96_500);
  playback.seek(200_000);
  expect(a.asked.at(-1)).toBe("seek 100000");
});

test("a frame that does not come is given up", () => {
  a.show(96_500);
  playback.seek(10_000);
  pass(5000);
  expect(playback.mode.value.stand?.targetMs).toBe(10_000);
  a.seeking = false;
  pass(250);
  expect([playback.mode.value.stand?.targetMs, cursorMs()]).toEqual([null, 96_500]);
});

test("a step pauses, moves the leading picture, and takes the others along", async () => {
  a.show(96_500);
  playback.step(-1);
  expect(a.asked).toEqual(["pause here", "step -1"]);
  a.show(96_460);
  await Promise.resolve();
  expect([cursorMs(), b.asked.at(-1)]).toEqual([96_460, "seek 96460"]);
});

test("seconds add up while the frame is under way", () => {
  a.show(96_500);
  playback.skip(-1000);
  playback.skip(-1000);
  expect(a.asked.slice(-2)).toEqual(["seek 95500", "seek 94500"]);
});

test("acting upon another picture of a paused page reads everything at its frame", () => {
  a.show(96_500);
  b.show(96_520);
  playback.pause();
  playback.touch("frame/b");
  expect([playback.lead.value, cursorMs(), a.asked.at(-1)]).toEqual(["frame/b", 96_520, "seek 96520"]);
});

test("a picture that appears on a paused page stands at its time", () => {
  a.show(96_500);
  playback.pause();
  const c = new Picture();
  playback.join("frame/c", c, FACTS);
  expect(c.asked).toEqual(["pause 96500"]);
});

test("going live is for everyone, and charts end now until a frame comes", () => {
  a.show(96_500);
  playback.pause();
  playback.goLive();
  expect([a.asked.at(-1), b.asked.at(-1), edgeMs(), cursorMs()]).toEqual(["live", "live", 100_000, null]);
  a.show(97_000);
  expect(edgeMs()).toBe(97_000);
});

test("a leading picture that leaves a paused page leaves the cursor", () => {
  const c = new Picture();
  const leave = playback.join("frame/c", c, FACTS);
  playback.touch("frame/c");
  c.show(96_500);
  playback.pause();
  leave();
  expect([playback.lead.value, cursorMs()]).toEqual([null, 96_500]);
});

/** A picture goes out of sight. */
function sleep(picture: Picture, key: string): void {
  picture.asleep = true;
  picture.seeking = false;
  playback.slept(key);
}

test("when the leading picture falls asleep another leads that plays, until it is back", () => {
  playback.touch("frame/a");
  a.show(96_500);
  b.show(96_480);
  sleep(a, "frame/a");
  expect(playback.lead.value).toBe("frame/b");
  b.show(96_520);
  expect(cursorMs()).toBe(96_520);
  a.asleep = false;
  a.show(97_000);
  b.show(97_010);
  pass(250);
  expect(playback.lead.value).toBe("frame/a");
});

test("when all pictures sleep, charts end now", () => {
  a.show(96_500);
  sleep(a, "frame/a");
  expect([playback.lead.value, edgeMs()]).toEqual([null, 100_000]);
});

test("a paused page does not move when its picture falls asleep, and goes by another when it is to move", () => {
  a.show(96_500);
  b.show(96_520);
  playback.pause();
  sleep(a, "frame/a");
  expect([playback.lead.value, cursorMs()]).toEqual(["frame/a", 96_500]);
  b.asked.length = 0;
  playback.step(1);
  expect([playback.lead.value, b.asked]).toEqual(["frame/b", ["step 1"]]);
  b.show(96_560);
  playback.seek(95_000);
  expect(a.asked.at(-1)).toBe("seek 95000");
  b.show(95_010);
  pass(1000);
  expect(cursorMs()).toBe(95_010);
});

test("a seek does not wait for a picture that falls asleep", () => {
  a.show(96_500);
  b.show(96_520);
  playback.pause();
  playback.seek(95_000);
  sleep(a, "frame/a");
  expect(playback.lead.value).toBe("frame/b");
  b.show(95_010);
  pass(1000);
  expect(cursorMs()).toBe(95_010);
});

test("a seek where every picture sleeps moves the charts", () => {
  a.show(96_500);
  playback.pause();
  a.asleep = b.asleep = true;
  playback.seek(95_000);
  expect([playback.lead.value, cursorMs()]).toEqual([null, 95_000]);
});
