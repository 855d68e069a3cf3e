import { beforeEach, expect, test } from "vitest";
import type { Message, Stream } from "./metrics/message";
import { createStore, type Store } from "./store";

let store: Store;
let nowMs = 0;

beforeEach(() => {
  store = createStore();
  nowMs = 0;
});

function stream(kind: Stream["kind"], id: string, change: Partial<Stream> = {}): Stream {
  return {
    kind,
    id,
    state: "live",
    reason: null,
    session: "a",
    seq: 1,
    t_ms: 1,
    rate: 30,
    received: 1,
    drops: { wire: 0, queue: 0, encoder: 0 },
    ...(kind === "frame"
      ? {
          format: null,
          hls: null,
          llhls: null,
          live: null,
          dvr: null,
          delay_ms: null,
          encoder: null,
          display: null,
          rois: null,
        }
      : { series: 1 }),
    ...change,
  } as Stream;
}

const receive = (...messages: Message[]) => {
  for (const message of messages) store.receive(message, nowMs);
};
const streams = (...list: Stream[]): Message => ({ type: "streams", streams: list });
const hello = (run: string, history_ms = 60_000): Message => ({
  type: "hello",
  version: 1,
  run,
  now_ms: 0,
  history_ms,
});
const keys = () => store.panes.value.map(({ key }) => key);
const series = (id: number, name: string): Message => ({
  type: "series",
  series: [{ id, stream: "cam", name, unit: null }],
});
const trace = (index = 0) => store.traces.value.get("cam")?.[index];

test("a frame stream and a metric stream of one name are two panes, pictures first", () => {
  receive(streams(stream("metric", "cam"), stream("frame", "cam")));
  expect(keys()).toEqual(["frame/cam", "metric/cam"]);
});

test("a stream that appears later does not move the others", () => {
  receive(streams(stream("frame", "b")));
  receive(streams(stream("frame", "a"), stream("frame", "b")));
  expect(keys()).toEqual(["frame/b", "frame/a"]);
});

test("a stream that the runner forgot stays for a while and then leaves", () => {
  receive(streams(stream("frame", "a")));
  nowMs = 1000;
  receive(streams());
  expect(store.panes.value).toMatchObject([{ key: "frame/a", missingMs: 1000 }]);
  nowMs = 20_000;
  receive(streams());
  expect(keys()).toEqual([]);
});

test("a stream that comes back after a restart of the runner keeps its pane", () => {
  receive(hello("1"), streams(stream("frame", "a"), stream("frame", "b")));
  receive(hello("2"), streams());
  receive(streams(stream("frame", "b"), stream("frame", "a")));
  expect(store.panes.value).toMatchObject([
    { key: "frame/a", missingMs: null },
    { key: "frame/b", missingMs: null },
  ]);
});

test("a dismissed stream stays away until its producer begins anew", () => {
  receive(streams(stream("frame", "a", { state: "ended" })));
  const [entry] = store.panes.value;
  if (entry !== undefined) store.dismiss(entry);
  receive(streams(stream("frame", "a", { state: "ended" })));
  expect(keys()).toEqual([]);
  receive(streams(stream("frame", "a", { session: "b" })));
  expect(keys()).toEqual(["frame/a"]);
});

test("samples reach their series, and a backfill replaces", () => {
  receive(hello("1"), series(0, "x"), series(1, "y"));
  receive({ type: "samples", series: [{ id: 1, t: [1, 2], v: [10, 20] }] });
  expect(trace(1)?.history.length).toBe(2);
  receive({ type: "backfill", series: [{ id: 1, t: [7], v: [70] }] });
  expect(trace(1)?.history.lastValue).toBe(70);
  expect(trace(1)?.history.length).toBe(1);
});

test("how far the samples of a stream reach is known, also after a late one", () => {
  receive(hello("1"), series(0, "x"), series(1, "y"));
  receive({
    type: "samples",
    series: [
      { id: 0, t: [1, 3], v: [1, 3] },
      { id: 1, t: [2], v: [2] },
    ],
  });
  receive({ type: "samples", series: [{ id: 0, t: [2], v: [2] }] });
  expect(store.newest.get("cam")).toBe(3);
  receive(hello("2"));
  expect(store.newest.size).toBe(0);
});

test("samples of an unknown series are left out", () => {
  receive({ type: "samples", series: [{ id: 9, t: [1], v: [1] }] });
  expect(store.traces.value.size).toBe(0);
});

test("points older than the history are evicted", () => {
  receive(hello("1", 1000), series(0, "x"));
  receive({ type: "samples", series: [{ id: 0, t: [0, 500, 1000, 1501], v: [1, 2, 3, 4] }] });
  expect(trace()?.history.time(0)).toBe(1000);
});

test("a new run begins with no series: its numbers mean others", () => {
  receive(hello("1"), series(0, "x"));
  receive(hello("2"), series(0, "y"));
  expect(trace()?.series.name).toBe("y");
  expect(store.run.value).toBe("2");
});

test("the same notice again only raises its count", () => {
  const notice = { type: "notice", text: "bad shape", source: "frame/a", t_ms: 1 } as const;
  receive({ ...notice, count: 1 }, { ...notice, count: 2 });
  expect(store.notices.value).toEqual([{ ...notice, count: 2 }]);
});

test("messages that were not understood are counted", () => {
  store.refused("type: expected a string", 1);
  store.refused("type: expected a string", 2);
  expect(store.notices.value).toMatchObject([{ count: 2, source: "page" }]);
});

test("a connection that was lost and found again keeps its series", () => {
  receive(hello("1"), series(0, "x"));
  receive({ type: "samples", series: [{ id: 0, t: [1], v: [1] }] });
  receive(hello("1"), series(0, "x"));
  expect(store.traces.value.get("cam")?.length).toBe(1);
  expect(trace()?.history.length).toBe(1);
});

test("a playlist of an earlier run is not asked for again", () => {
  receive(hello("1"), streams(stream("frame", "a", { hls: "/hls/a/index.m3u8" })));
  receive(hello("2"));
  expect(store.panes.value).toMatchObject([{ key: "frame/a", stream: { hls: null, state: "waiting" } }]);
});

test("a series that is no more leaves its chart", () => {
  receive(hello("1"), series(3, "a.mean"), series(4, "b.mean"));
  receive({ type: "forgotten", series: [3, 99] });
  expect(store.traces.value.get("cam")?.map(({ series }) => series.name)).toEqual(["b.mean"]);
  receive({ type: "samples", series: [{ id: 3, t: [1], v: [1] }] });
  receive({ type: "forgotten", series: [4] });
  expect(store.traces.value.has("cam")).toBe(false);
});
