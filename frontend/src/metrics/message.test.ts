import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseSeries, ping } from "./message";

interface Fixtures {
  runner_to_page: { type: string }[];
  page_to_runner: unknown[];
}

const fixtures = JSON.parse(
  readFileSync(new URL("../../../tests/fixtures/ws.json", import.meta.url), "utf8"),
) as Fixtures;

function parsed(json: unknown) {
  const result = parse(JSON.stringify(json));
  if (result.status === "error") throw new Error(result.reason);
  return result.message;
}

function reason(text: string): string {
  const result = parse(text);
  return result.status === "error" ? result.reason : "accepted";
}

const camera = {
  kind: "frame",
  id: "camera",
  state: "live",
  received: 1,
  drops: {},
};

describe("a message of the runner", () => {
  test.each(fixtures.runner_to_page)("$type of the shared fixtures is understood", (json) => {
    // Every value survives except the three words that stand for numbers.
    const words = (_: string, v: unknown) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v);
    expect(JSON.parse(JSON.stringify(parsed(json), words))).toMatchObject(json);
  });

  test("every type of the protocol has a fixture", () => {
    expect(new Set(fixtures.runner_to_page.map((m) => m.type))).toEqual(
      new Set([
        "hello",
        "streams",
        "series",
        "forgotten",
        "backfill",
        "samples",
        "missed",
        "event",
        "notice",
        "pong",
      ]),
    );
  });

  test("words become numbers that JSON cannot write", () => {
    expect(
      parsed({ type: "samples", series: [{ id: 1, t: [1, 2, 3], v: ["NaN", "Infinity", "-Infinity"] }] }),
    ).toEqual({ type: "samples", series: [{ id: 1, t: [1, 2, 3], v: [NaN, Infinity, -Infinity] }] });
  });

  test("unknown keys are ignored", () => {
    expect(parsed({ type: "missed", messages: 2, colour: "red" })).toEqual({ type: "missed", messages: 2 });
  });

  test("how a stream is looked at comes with it", () => {
    const display = {
      window: {
        mode: "fixed",
        min: 12,
        max: 800,
        percentiles: [1, 99],
        ignore_zero: true,
        ignore_saturated: false,
        roi: "soma1",
      },
      gamma: 0.5,
      colormap: "magma",
      invert: true,
      highlight: true,
      shown: [12, 800],
    };
    expect(parsed({ type: "streams", streams: [{ ...camera, display }] })).toMatchObject({
      streams: [{ display }],
    });
  });

  test("what is not known yet is null", () => {
    expect(parsed({ type: "streams", streams: [camera] })).toMatchObject({
      streams: [
        {
          rate: null,
          format: null,
          hls: null,
          llhls: null,
          live: null,
          dvr: null,
          delay_ms: null,
          encoder: null,
          display: null,
          rois: null,
        },
      ],
    });
  });
});

describe("a malformed message is refused with the reason", () => {
  test.each([
    ["{", "expected JSON, got {"],
    ["", "expected JSON, got "],
    ["[]", "message: expected an object, got []"],
    ["null", "message: expected an object, got null"],
    ["{}", "type: expected a string, got nothing"],
    ['{"type":"dance"}', 'type: expected a known message type, got "dance"'],
    ['{"type":"__proto__"}', 'type: expected a known message type, got "__proto__"'],
    ['{"type":"hello","version":2,"run":"a","now_ms":1,"history_ms":1}', "version: expected 1, got 2"],
    ['{"type":"hello","version":1,"run":7,"now_ms":1,"history_ms":1}', "run: expected a string, got 7"],
    ['{"type":"streams","streams":{}}', "streams: expected a list, got {}"],
    [
      '{"type":"samples","series":[{"id":1,"t":[1],"v":[]}]}',
      "series[0].v: expected 1 values, one per time, got 0",
    ],
    [
      '{"type":"samples","series":[{"id":1,"t":[1],"v":["nan"]}]}',
      'series[0].v[0]: expected a number, got "nan"',
    ],
    [
      '{"type":"samples","series":[{"id":1,"t":[null],"v":[1]}]}',
      "series[0].t[0]: expected a number, got null",
    ],
    ['{"type":"pong","id":"1","now_ms":0}', 'id: expected a number, got "1"'],
  ])("%s", (text, expected) => expect(reason(text)).toBe(expected));

  test.each([
    [{ state: "fine" }, 'streams[0].state: expected one of waiting, live, stalled, ended, got "fine"'],
    [{ kind: "sound" }, 'streams[0].kind: expected "frame" or "metric", got "sound"'],
    [
      { hls: "https://elsewhere/x.m3u8" },
      'streams[0].hls: expected a path that begins with one slash, got "https://elsewhere/x.m3u8"',
    ],
    [
      { hls: "//elsewhere/x.m3u8" },
      'streams[0].hls: expected a path that begins with one slash, got "//elsewhere/x.m3u8"',
    ],
    [
      { format: { shape: [4], dtype: "uint8" } },
      "streams[0].format.shape: expected [h, w] or [h, w, c], got [4]",
    ],
    [
      { format: { shape: [0, 4], dtype: "uint8" } },
      "streams[0].format.shape[0]: expected a whole number of at least 1, got 0",
    ],
    [
      { format: { shape: [4, 4], dtype: "uint8", pixel_size: [1] } },
      "streams[0].format.pixel_size: expected [height, width] above 0, got [1]",
    ],
    [
      { format: { shape: [4, 4], dtype: "uint8", pixel_size: [0.5, 0] } },
      "streams[0].format.pixel_size: expected [height, width] above 0, got [0.5,0]",
    ],
    [
      { display: { window: { mode: "wide" } } },
      'streams[0].display.window.mode: expected one of default, full, fixed, auto, got "wide"',
    ],
    [
      { display: { window: { mode: "full" }, shown: [1] } },
      "streams[0].display.shown: expected [min, max], got [1]",
    ],
    [
      { display: { window: { mode: "full" }, invert: 1 } },
      "streams[0].display.invert: expected true or false, got 1",
    ],
  ])("a stream with %j", (change, expected) => {
    expect(reason(JSON.stringify({ type: "streams", streams: [{ ...camera, ...change }] }))).toBe(expected);
  });
});

test("a ping is the one in the shared fixtures", () => {
  expect(JSON.parse(ping(7))).toEqual(fixtures.page_to_runner[0]);
});

test("the answer to a request of series is understood, and a malformed one says where", () => {
  const series = { id: 3, stream: "numbers", name: "a", unit: null, t: [1, 2], v: [0.5, "NaN"] };
  expect(parseSeries(JSON.stringify({ run: "r", series: [series] }))).toEqual({
    status: "ok",
    message: { run: "r", series: [{ id: 3, t: [1, 2], v: [0.5, NaN] }] },
  });
  expect(parseSeries(JSON.stringify({ run: "r", series: [{ ...series, v: [1] }] }))).toEqual({
    status: "error",
    reason: "series[0].v: expected 2 values, one per time, got 1",
  });
});
