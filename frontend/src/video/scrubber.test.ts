import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Archive } from "./archive";
import { identify, type Segment } from "./position";
import { Scrubber, type Reel } from "./scrubber";
import { Timeline, type Entry } from "./timeline";

const T0 = 1_760_000_000_000;
const SESSION = "00000000000000aa";
/** 25 fps, of which every 20th frame was lost, so that numbers do not count frames. */
const FRAMES: Entry[] = Array.from({ length: 500 }, (_, seq) => ({
  session: SESSION,
  seq,
  // A playlist rounds it up.
  captureMs: T0 + seq * 40 + 0.6,
  mediaUs: 7_000_000 + seq * 40_000,
})).filter(({ seq }) => seq % 20 !== 13);
let frames = FRAMES;
const frameAt = (seq: number) => frames.find((frame) => frame.seq === seq) ?? frames[0];

/** A player of 2 s segments: its times are shifted, its estimates are wrong, and it shows what it is sent to. */
class FakeReel implements Reel {
  readonly seeks: number[] = [];
  readonly loaded: Segment[] = [];
  /** Segments that the playlist has. */
  length = 10;
  /** An encoder died a second into this segment: the frames after that are in none. */
  cutShort = -1;
  shownTime = NaN;
  /** A seek that nothing comes of. */
  deaf = 0;
  settled = true;
  private readonly shiftS = -3;

  constructor(private readonly present: (mediaTime: number) => void) {}

  private segment(index: number): Segment {
    const within = frames.filter(({ seq }) => Math.floor(seq / 50) === index);
    const startTime = (within[0]?.mediaUs ?? NaN) / 1e6 + this.shiftS;
    return {
      startTime,
      endTime: startTime + (index === this.cutShort ? 1 : 2),
      programDateTimeMs: Math.round(within[0]?.captureMs ?? NaN),
    };
  }

  segments(): Segment[] {
    return this.loaded;
  }

  listed(): Segment[] {
    return Array.from({ length: this.length }, (_, index) => {
      const { startTime, endTime, programDateTimeMs } = this.segment(index);
      // What a playlist says of lengths adds up to something else.
      return { startTime: startTime + 0.3, endTime: endTime + 0.3, programDateTimeMs };
    });
  }

  seekTo(positionS: number): void {
    this.seeks.push(positionS);
    if (this.deaf-- > 0) return;
    const at = this.loaded.find((segment) => positionS >= segment.startTime && positionS < segment.endTime);
    const end = this.loaded.some(({ endTime }) => positionS >= endTime && positionS <= endTime + 0.1);
    // It takes a place so little beyond what is loaded for one that is.
    if (at === undefined && end) return;
    this.settled = false;
    setTimeout(() => {
      const frame = frames.findLast(({ mediaUs }) => mediaUs / 1e6 + this.shiftS <= positionS) ?? frames[0];
      const segment = this.segment(Math.floor((frame?.seq ?? 0) / 50));
      if (!this.loaded.some(({ startTime }) => startTime === segment.startTime)) this.loaded.push(segment);
      this.shownTime = (frame?.mediaUs ?? 0) / 1e6 + this.shiftS;
      this.settled = true;
      this.present(this.shownTime);
    }, 30);
  }

  get seq(): number {
    return (
      frames.find(({ mediaUs }) => Math.abs(mediaUs / 1e6 + this.shiftS - this.shownTime) < 1e-6)?.seq ?? -1
    );
  }
}

let timeline: Timeline;
let found: number[];
let stopped: number[];
let asked: string[];
/** Capture time of the newest frame that the runner knows, and whether more will come. */
let encodedMs: number;
let live: boolean;

/** Answers as the runner does. */
const answer = (url: string): Promise<Response> => {
  asked.push(url);
  const query = new URL(url, "http://runner").searchParams;
  const [from, to] = ["from_ms", "to_ms"].map((key) => Number(query.get(key)));
  const within = frames.filter(
    ({ captureMs }) => captureMs >= (from ?? 0) && captureMs <= Math.min(to ?? 0, encodedMs),
  );
  const span = {
    life: 0,
    session: SESSION,
    seq: within.map(({ seq }) => seq),
    t_ms: within.map(({ captureMs }) => captureMs),
    media_us: within.map(({ mediaUs }) => mediaUs),
  };
  return Promise.resolve(Response.json({ stream: "cam", run: "r", spans: [span] }));
};

function made(): { scrubber: Scrubber; reel: FakeReel } {
  const reel: FakeReel = new FakeReel((mediaTime) => {
    scrubber.presented(identify(reel.segments(), mediaTime, timeline));
  });
  const scrubber: Scrubber = new Scrubber(reel, timeline, new Archive("cam", timeline, answer), {
    found: () => found.push(reel.seq),
    stopped: ({ seq }) => stopped.push(seq ?? NaN),
    expecting: () => live,
    expects: (captureMs) => live && captureMs > encodedMs - 1000,
  });
  return { scrubber, reel };
}

const settle = () => vi.advanceTimersByTimeAsync(10_000);

beforeEach(() => {
  vi.useFakeTimers();
  timeline = new Timeline();
  found = [];
  stopped = [];
  asked = [];
  frames = FRAMES;
  encodedMs = Infinity;
  live = false;
});
afterEach(() => vi.useRealTimers());

describe("a film", () => {
  test.each([3, 49, 50, 51, 212, 499])(
    "is sent to frame %i, and it is that one which is found",
    async (seq) => {
      const { scrubber, reel } = made();
      scrubber.seek((frameAt(seq)?.captureMs ?? 0) + 7);
      await settle();
      expect([reel.seq, found.at(-1), scrubber.busy]).toEqual([seq, seq, false]);
      scrubber.dispose();
    },
  );

  test("knows which frame without asking where it is told", async () => {
    const { scrubber, reel } = made();
    timeline.merge(FRAMES.slice(0, 200));
    scrubber.seek(frameAt(120) ?? 0);
    await settle();
    expect(reel.seq).toBe(120);
    expect(asked).toEqual([]);
    scrubber.dispose();
  });

  test("is stepped by frames, not by numbers", async () => {
    const { scrubber, reel } = made();
    scrubber.seek(T0 + 12 * 40);
    await settle();
    scrubber.step(1);
    await settle();
    expect(reel.seq).toBe(14);
    scrubber.step(-1);
    await settle();
    expect(reel.seq).toBe(12);
    scrubber.dispose();
  });

  test("adds steps up, however fast they come and however far they go", async () => {
    const { scrubber, reel } = made();
    scrubber.seek(T0 + 100 * 40);
    for (let i = 0; i < 30; i++) {
      scrubber.step(i % 3 === 2 ? -1 : 4);
      if (i % 7 === 0) await vi.advanceTimersByTimeAsync(11);
    }
    scrubber.step(25);
    await settle();
    const from = FRAMES.findIndex(({ seq }) => seq === 100);
    expect(reel.seq).toBe(FRAMES[from + 20 * 4 - 10 + 25]?.seq);
    expect(scrubber.busy).toBe(false);
    scrubber.dispose();
  });

  test("is sent where somebody wants it last", async () => {
    const { scrubber, reel } = made();
    for (const seq of [400, 20, 333]) scrubber.seek(T0 + seq * 40 + 40);
    await settle();
    expect(reel.seq).toBe(334);
    expect(found).toEqual([334]);
    scrubber.dispose();
  });

  test("waits for a segment that is not there yet", async () => {
    const { scrubber, reel } = made();
    reel.length = 4;
    scrubber.seek(T0 + 230 * 40);
    await settle();
    expect([found, reel.seeks, scrubber.busy]).toEqual([[], [], true]);
    reel.length = 5;
    await settle();
    expect(found).toEqual([230]);
    scrubber.dispose();
  });

  test.each(["to it", "a step back to it", "a step on to it"])(
    "waits for a segment of which it is to show the first frame: %s",
    async (how) => {
      const { scrubber, reel } = made();
      timeline.merge(FRAMES.slice(0, 300));
      reel.length = 4;
      reel.seekTo(6);
      await settle();
      const step = how === "to it" ? 0 : how === "a step back to it" ? -1 : 1;
      scrubber.seek(frameAt(200 - step) ?? 0, step);
      const before = reel.seeks.length;
      await settle();
      expect([found, reel.seeks.length - before, scrubber.busy]).toEqual([[], 0, true]);
      reel.length = 5;
      await vi.advanceTimersByTimeAsync(1000);
      expect([found, scrubber.busy]).toEqual([[200], false]);
      scrubber.dispose();
    },
  );

  test("is sent again where nothing came of it", async () => {
    const { scrubber, reel } = made();
    reel.deaf = 2;
    scrubber.seek(T0 + 60 * 40);
    await settle();
    expect(found).toEqual([60]);
    scrubber.dispose();
  });

  test("passes over frames that died with their encoder", async () => {
    const { scrubber, reel } = made();
    reel.cutShort = 3;
    scrubber.seek(T0 + 200 * 40);
    await settle();
    scrubber.step(-1);
    await settle();
    expect([reel.seq, scrubber.busy]).toEqual([174, false]);
    scrubber.step(1);
    await settle();
    expect([reel.seq, scrubber.busy]).toEqual([200, false]);
    scrubber.dispose();
  });

  test("knows the frames of a segment whose beginning it did not hear of", async () => {
    const { scrubber, reel } = made();
    timeline.merge(FRAMES.slice(60, 400));
    scrubber.seek(frameAt(95) ?? 0);
    await settle();
    expect([reel.seq, found, scrubber.busy]).toEqual([95, [95], false]);
    scrubber.dispose();
  });

  test("stays where the stream ends", async () => {
    const { scrubber, reel } = made();
    scrubber.seek(T0 + 498 * 40);
    await settle();
    scrubber.step(10);
    await settle();
    expect([reel.seq, scrubber.busy]).toEqual([499, false]);
    scrubber.dispose();
  });

  const exact = (seq: number) => ({
    session: SESSION,
    seq,
    captureMs: frameAt(seq)?.captureMs ?? NaN,
    mediaUs: null,
  });

  test("steps over a time in which nothing was captured", async () => {
    const { scrubber, reel } = made();
    // The producer rests for 10 s after frame 120, as far as capture times tell.
    frames = FRAMES.map((frame) =>
      frame.seq <= 120 ? frame : { ...frame, captureMs: frame.captureMs + 10_000 },
    );
    scrubber.seek(frameAt(119)?.captureMs ?? 0);
    await settle();
    scrubber.step(3);
    await settle();
    expect([reel.seq, scrubber.busy]).toEqual([122, false]);
    scrubber.step(-2);
    await settle();
    expect([reel.seq, scrubber.busy]).toEqual([120, false]);
    scrubber.dispose();
  });

  test.each([0, -1, 1])(
    "waits for a frame that was seen before it was encoded; %i steps from there",
    async (step) => {
      const { scrubber, reel } = made();
      [live, encodedMs] = [true, T0 + 120 * 40];
      scrubber.seek(exact(125), step);
      await vi.advanceTimersByTimeAsync(1000);
      expect([found, reel.seeks, scrubber.busy]).toEqual([[], [], true]);
      encodedMs = T0 + 128 * 40;
      await vi.advanceTimersByTimeAsync(1000);
      expect([found, reel.seq, scrubber.busy]).toEqual([[125 + step], 125 + step, false]);
      scrubber.dispose();
    },
  );

  test("waits for the frame behind the newest one", async () => {
    const { scrubber, reel } = made();
    [live, encodedMs] = [true, T0 + 125 * 40 + 1];
    scrubber.seek(exact(125));
    await vi.advanceTimersByTimeAsync(500);
    expect(found).toEqual([125]);
    scrubber.step(2);
    scrubber.step(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect([found, reel.seq, scrubber.busy]).toEqual([[125], 125, true]);
    encodedMs = Infinity;
    await vi.advanceTimersByTimeAsync(1000);
    expect([found.at(-1), scrubber.busy]).toEqual([128, false]);
    scrubber.dispose();
  });

  test.each(["lost before the encoder", "of a stream that ended", "of an encoder that stays away"])(
    "takes the nearest one for a frame %s",
    async (why) => {
      const { scrubber, reel } = made();
      live = why !== "of a stream that ended";
      const before = 120;
      if (why !== "lost before the encoder") encodedMs = T0 + before * 40 + 1;
      scrubber.seek({ session: SESSION, seq: 133, captureMs: T0 + 133 * 40, mediaUs: null });
      await vi.advanceTimersByTimeAsync(1000);
      const late = why === "of an encoder that stays away";
      expect(scrubber.busy).toBe(late);
      if (late) await settle();
      expect([reel.seq, scrubber.busy]).toEqual([why === "lost before the encoder" ? 132 : before, false]);
      scrubber.dispose();
    },
  );

  test.each(["unknown", "another one"])(
    "finds its frame again when what comes on screen late is %s",
    async (what) => {
      const { scrubber, reel } = made();
      timeline.merge(FRAMES.slice(0, 200));
      scrubber.seek(frameAt(120) ?? 0);
      await settle();
      expect([found, scrubber.busy]).toEqual([[120], false]);
      scrubber.presented(what === "unknown" ? null : (frameAt(100) ?? null));
      expect(scrubber.busy).toBe(true);
      await settle();
      expect([found, reel.seq, scrubber.busy]).toEqual([[120, 120], 120, false]);
      scrubber.dispose();
    },
  );

  test("steps from the frame that was on its way to the screen when the player was stopped", async () => {
    const { scrubber, reel } = made();
    timeline.merge(FRAMES.slice(0, 200));
    scrubber.stand(frameAt(120) ?? exact(120));
    scrubber.presented(frameAt(121) ?? null);
    scrubber.presented(null);
    expect([stopped, reel.seeks, scrubber.busy]).toEqual([[121], [], false]);
    scrubber.step(-1);
    await settle();
    expect([stopped, reel.seq, scrubber.busy]).toEqual([[121], 120, false]);
    scrubber.dispose();
  });

  test("goes where it is sent while it waits", async () => {
    const { scrubber, reel } = made();
    [live, encodedMs] = [true, T0 + 120 * 40];
    scrubber.seek(exact(125));
    await vi.advanceTimersByTimeAsync(500);
    scrubber.seek(frameAt(60)?.captureMs ?? 0);
    await vi.advanceTimersByTimeAsync(500);
    expect([found, reel.seq, scrubber.busy]).toEqual([[60], 60, false]);
    scrubber.dispose();
  });
});
