import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePage } from "../../link.fixture";
import { connectLive, gap, type Listener } from "./socket";

let page: ReturnType<typeof fakePage>;
let heard: unknown[];
const listener: Listener = {
  start: ({ life }) => heard.push(["start", life]),
  fragment: ({ number }) => heard.push(["fragment", number]),
  failed: (reason) => heard.push(["failed", reason]),
};

beforeEach(() => {
  page = fakePage();
  heard = [];
});
afterEach(() => vi.unstubAllGlobals());

const connect = () => {
  const socket = connectLive("/ws/live/cam", listener, page.dial);
  page.socket.open();
  return socket;
};
const say = (data: string | ArrayBuffer) => page.socket.say(data);
const start = (life: number) =>
  JSON.stringify({
    type: "start",
    life,
    session: "0000000000000001",
    codec: "avc1.42c01e",
    width: 2,
    height: 2,
    init: btoa("i"),
    description: btoa("d"),
  });

function frame(life: number, number: number): ArrayBuffer {
  const buffer = new ArrayBuffer(40);
  const view = new DataView(buffer);
  view.setUint8(0, 1);
  view.setUint16(2, 40, true);
  view.setUint32(4, life, true);
  view.setBigUint64(8, BigInt(number), true);
  return buffer;
}

test("everything is told in order", () => {
  connect();
  say(start(0));
  say(frame(0, 5));
  say(JSON.stringify({ type: "missed", frames: 9 }));
  say(start(1));
  say(frame(1, 15));
  expect(heard).toEqual([
    ["start", 0],
    ["fragment", 5],
    ["start", 1],
    ["fragment", 15],
  ]);
});

test("what was taken within one task is acknowledged once", async () => {
  const socket = connect();
  for (const number of [3, 4, 5]) socket.ack(number);
  expect(page.socket.sent).toEqual([]);
  await Promise.resolve();
  expect(page.socket.sent).toEqual(['{"type":"ack","number":5}']);
  socket.ack(5);
  socket.ack(4);
  await Promise.resolve();
  expect(page.socket.sent).toHaveLength(1);
  socket.ack(6);
  await Promise.resolve();
  expect(page.socket.sent[1]).toBe('{"type":"ack","number":6}');
});

test("nothing is acknowledged on a connection that is closed", async () => {
  const socket = connect();
  socket.ack(1);
  socket.close();
  await Promise.resolve();
  expect(page.socket.sent).toEqual([]);
});

test.each([
  ["bytes that are no frame", new ArrayBuffer(3)],
  ["text that is no message", "?"],
  ["a frame of an encoder that did not start", frame(0, 1)],
])("%s ends it, with the reason, once", (_, data) => {
  connect();
  say(data);
  say(data);
  expect(heard).toEqual([["failed", expect.stringMatching(/^live message not understood: /)]]);
  expect(page.socket.readyState).toBe(3);
});

test("its end is told, unless it was asked for", () => {
  connect();
  page.socket.close();
  expect(heard).toEqual([["failed", "the live connection ended"]]);
  heard = [];
  connect().close();
  expect(heard).toEqual([]);
});

test("frames that never came are told by the numbers of those that did, over several connections", () => {
  const heard = { number: null };
  const gaps = [40, 41, 45, 30, 31, 45, 46, 50].map((number) => gap(heard, number));
  expect(gaps).toEqual([0, 0, 3, 0, 0, 0, 0, 3]);
});
