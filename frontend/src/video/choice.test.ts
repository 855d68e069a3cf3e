import { beforeEach, describe, expect, test } from "vitest";
import { Choice } from "./choice";
import type { Features, Source } from "./path";

const everything: Features = {
  secureContext: true,
  videoDecoder: true,
  mediaSource: true,
  nativeHls: true,
  webgl2: true,
};
const source: Source = { id: "cam", hls: "/i.m3u8", llhls: "/l.m3u8", live: "/ws/live/cam" };
let choice: Choice;

const made = (features: Partial<Features> = {}) => new Choice({ ...everything, ...features }, () => 1);
const fail = (path: Parameters<Choice["failed"]>[0], nowMs = 0) => {
  choice.failed(path, "it broke", nowMs);
  choice.failed(path, "it broke", nowMs);
};

beforeEach(() => {
  choice = made();
});

describe("the path that is taken", () => {
  test.each([
    [{}, "webcodecs", null],
    [{ secureContext: false }, "mse", "WebCodecs: no secure context"],
    [{ videoDecoder: false }, "mse", "WebCodecs: this browser has none"],
    [
      { secureContext: false, mediaSource: false },
      "native",
      "WebCodecs: no secure context; Live: no Media Source Extensions; LL-HLS: no Media Source Extensions; " +
        "HLS: no Media Source Extensions",
    ],
  ])("is the fastest with %j", (features, path, note) => {
    choice = made(features);
    expect(choice.take(source, 0)).toBe(path);
    expect(choice.note(choice.take(source, 0), source, 0)).toBe(note);
  });

  test("is none where nothing works, and the reasons are told", () => {
    choice = made({ secureContext: false, mediaSource: false, nativeHls: false });
    expect(choice.take(source, 0)).toBeNull();
    expect(choice.note(null, source, 0)).toContain("HLS (native): this browser plays no HLS");
  });

  test("is what the runner offers", () => {
    expect(choice.take({ ...source, live: null }, 0)).toBe("llhls");
    expect(choice.take({ ...source, live: null, llhls: null }, 0)).toBe("hls");
    expect(choice.take({ id: "cam", live: null, llhls: null, hls: null }, 0)).toBeNull();
  });

  test("is the one that was asked for, and nobody wonders why", () => {
    choice.prefer("hls");
    expect(choice.take(source, 0)).toBe("hls");
    expect(choice.note("hls", source, 0)).toBeNull();
  });

  test("is the next best where the one that was asked for does not work, and it is told why", () => {
    choice = made({ secureContext: false });
    choice.prefer("webcodecs");
    expect(choice.take(source, 0)).toBe("mse");
    expect(choice.note("mse", source, 0)).toBe("WebCodecs: no secure context");
  });
});

describe("exact pixels", () => {
  test("are for who asks for them, and nobody else", () => {
    for (const path of ["webcodecs", "mse", "llhls", "hls", "native"] as const) fail(path);
    expect(choice.take(source, 0)).toBe("native");
    choice.prefer("exact");
    expect(choice.take({ id: "cam", live: null, llhls: null, hls: null }, 0)).toBe("exact");
    expect(choice.note("exact", source, 0)).toBeNull();
  });

  test("give way to the encoded picture where they cannot be drawn, and it is told why", () => {
    choice.prefer("exact");
    fail("exact");
    expect(choice.take(source, 0)).toBe("webcodecs");
    expect(choice.note("webcodecs", source, 0)).toBe("Exact: it broke");
    choice = made({ webgl2: false });
    choice.prefer("exact");
    expect(choice.take(source, 0)).toBe("webcodecs");
    expect(choice.note("webcodecs", source, 0)).toBe("Exact: this browser has no WebGL 2");
    // Still on screen while another way is being taken.
    choice.prefer("auto");
    expect(choice.note("exact", source, 0)).toBeNull();
  });
});

describe("after failures", () => {
  test("one is bad luck", () => {
    choice.failed("webcodecs", "it broke", 0);
    expect(choice.take(source, 0)).toBe("webcodecs");
  });

  test("a second one is a reason to take the next path, and it is told", () => {
    fail("webcodecs");
    expect(choice.take(source, 0)).toBe("mse");
    expect(choice.note("mse", source, 0)).toBe("WebCodecs: it broke");
  });

  test("the better path is tried again, later every time", () => {
    fail("webcodecs");
    expect(choice.take(source, 19_999)).toBe("mse");
    expect(choice.take(source, 20_000)).toBe("webcodecs");
    expect(choice.note("webcodecs", source, 20_000)).toBeNull();
    choice.failed("webcodecs", "again", 20_000);
    expect(choice.take(source, 59_999)).toBe("mse");
    expect(choice.take(source, 60_000)).toBe("webcodecs");
  });

  test("a path that works again is as good as new", () => {
    fail("webcodecs");
    choice.proven("webcodecs");
    choice.failed("webcodecs", "it broke", 30_000);
    expect(choice.take(source, 30_000)).toBe("webcodecs");
  });

  test("of all, the most modest one is tried on", () => {
    choice = made({ nativeHls: false });
    for (const path of ["webcodecs", "mse", "llhls", "hls"] as const) fail(path);
    expect(choice.take(source, 0)).toBe("hls");
  });

  test("what somebody asks for now is tried", () => {
    fail("mse");
    choice.prefer("mse");
    expect(choice.take(source, 0)).toBe("mse");
    fail("mse");
    expect(choice.take(source, 0)).toBe("webcodecs");
    expect(choice.note("webcodecs", source, 0)).toBe("Live: it broke");
  });

  test("another runner has a new chance", () => {
    fail("webcodecs");
    choice.reset();
    expect(choice.take(source, 0)).toBe("webcodecs");
  });
});
