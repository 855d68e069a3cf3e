import { expect, test } from "vitest";
import type { FrameStream } from "./metrics/message";
import { truth, patience, type Seen } from "./truth";

const stream: FrameStream = {
  kind: "frame",
  id: "camera",
  state: "live",
  reason: null,
  session: "1",
  seq: 1,
  t_ms: 1,
  rate: 30,
  received: 1,
  drops: { wire: 0, queue: 0, encoder: 0 },
  format: null,
  hls: "/hls/camera/index.m3u8",
  llhls: null,
  live: null,
  dvr: null,
  delay_ms: null,
  encoder: null,
  display: null,
  rois: null,
};

const seen: Seen = {
  connection: "open",
  known: true,
  paused: false,
  asleep: false,
  seeking: false,
  awayMs: null,
  shown: true,
  sinceChangeMs: 33,
  latencyMs: 3000,
  trouble: null,
};

const badge = (s: Partial<FrameStream>, v: Partial<Seen>) => truth({ ...stream, ...s }, { ...seen, ...v });

test("moving pictures of a live stream are live", () => {
  expect(badge({}, {})).toEqual({ badge: "live", text: "live", note: null, dim: false });
});

test("a picture that stands still is stalled and dim although the runner says live", () => {
  expect(badge({}, { sinceChangeMs: 2001 })).toMatchObject({ badge: "stalled", dim: true });
});

test("a slow camera is given the time that its rate explains", () => {
  expect(patience(0.5)).toBe(5000);
  expect(badge({ rate: 0.5 }, { sinceChangeMs: 4000 })).toMatchObject({ badge: "live" });
  expect(patience(null)).toBe(2000);
  expect(patience(0)).toBe(2000);
});

test.each(["closed", "connecting"] as const)("a page whose websocket is %s never says live", (connection) => {
  expect(badge({}, { connection })).toMatchObject({ badge: "offline", text: "no connection", dim: true });
});

test("a picture that was out of sight says so until it plays, unless there is more to say", () => {
  const asleep = { asleep: true, sinceChangeMs: 60_000 };
  expect(badge({}, asleep)).toEqual({ badge: "asleep", text: "asleep", note: null, dim: false });
  expect(badge({ state: "ended" }, asleep).badge).toBe("ended");
  expect(badge({}, { ...asleep, paused: true }).badge).toBe("paused");
  expect(badge({}, { ...asleep, connection: "closed" }).badge).toBe("offline");
});

test("a stalled encoder says why", () => {
  expect(badge({ state: "stalled", reason: "encoder exited" }, {})).toMatchObject({
    badge: "stalled",
    note: "encoder exited",
    dim: false,
  });
});

test("before the first picture it waits", () => {
  expect(badge({}, { shown: false, sinceChangeMs: null })).toMatchObject({
    badge: "waiting",
    note: "waiting for the first picture",
  });
});

test("paused says how far behind", () => {
  expect(badge({}, { paused: true, latencyMs: 12_300 }).text).toBe("paused · 12.3 s behind");
  expect(badge({}, { paused: true, latencyMs: null }).text).toBe("paused");
});

test("paused says what is sought, and what is of another moment than the page", () => {
  expect(badge({}, { paused: true, seeking: true, awayMs: 9000 })).toMatchObject({
    text: "paused · seeking",
    note: null,
  });
  expect(badge({}, { paused: true, awayMs: -1234 }).note).toBe("the nearest picture is 1.23 s earlier");
  expect(badge({}, { paused: true, awayMs: 65_000 }).note).toBe("the nearest picture is 1 min 05 s later");
});

test("an ended stream has ended, also while paused", () => {
  expect(badge({ state: "ended" }, { paused: true })).toMatchObject({ badge: "ended", dim: true });
});

test("a stream that the runner no longer names waits for its producer", () => {
  expect(badge({}, { known: false })).toMatchObject({ badge: "waiting", dim: true });
});

test("an old picture behind a stream that begins anew does not look live", () => {
  expect(badge({ state: "waiting" }, {})).toMatchObject({ badge: "waiting", dim: true });
});
