import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePage } from "../link.fixture";
import { connectExact, type Listener } from "./socket";

let page: ReturnType<typeof fakePage>;
let heard: unknown[];
const listener: Listener = {
  frame: ({ frame: { seq } }) => heard.push(["frame", seq]),
  told: (reason) => heard.push(["told", reason]),
  failed: (reason) => heard.push(["failed", reason]),
};

beforeEach(() => {
  page = fakePage();
  heard = [];
});
afterEach(() => vi.unstubAllGlobals());

const connect = () => connectExact("/ws/raw/cam", listener, page.dial);
const say = (data: string | ArrayBuffer) => page.socket.say(data);
const whole = { region: null, maxPixels: 100, compress: true };

/** One pixel of uint8. */
function frame(seq: number): ArrayBuffer {
  const buffer = new ArrayBuffer(73);
  const view = new DataView(buffer);
  new Uint8Array(buffer).set([1, 1, 72, 0, 1, 1]);
  for (const offset of [8, 12, 52, 56, 60, 64, 68]) view.setUint32(offset, 1, true);
  view.setBigUint64(24, BigInt(seq), true);
  return buffer;
}

test("what is looked at is said when the connection is there, and then only where it changes", () => {
  const socket = connect();
  socket.ask({ ...whole, maxPixels: 1 });
  socket.ask(whole);
  expect(page.socket.sent).toEqual([]);
  page.socket.open();
  socket.ask(whole);
  expect(page.socket.sent.map((text) => (JSON.parse(text) as { max_pixels: number }).max_pixels)).toEqual([
    100,
  ]);
  socket.ask({ ...whole, maxPixels: 2 });
  expect(page.socket.sent.length).toBe(2);
});

test("frames are told, and acknowledged when somebody says so", () => {
  const socket = connect();
  page.socket.open();
  say(frame(7));
  expect(heard).toEqual([["frame", 7]]);
  expect(page.socket.sent).toEqual([]);
  socket.ack(7);
  expect(page.socket.sent).toEqual(['{"type":"ack","seq":7}']);
});

test("refusals and waits are told, and end nothing", () => {
  connect();
  say('{"type": "hello", "version": 1, "run": "r", "stream": "cam"}');
  say('{"type": "refused", "reason": "max_pixels is 0"}');
  say('{"type": "waiting", "reason": "many look"}');
  say('{"type": "news"}');
  say(frame(1));
  expect(heard).toEqual([
    ["told", "max_pixels is 0"],
    ["told", "many look"],
    ["frame", 1],
  ]);
});

test.each(["nonsense", new ArrayBuffer(3)])("what is not understood ends it, once", (data) => {
  connect();
  say(data);
  say(frame(1));
  page.socket.close();
  expect(heard).toEqual([["failed", expect.stringMatching(/^exact pixels not understood: /)]]);
});

test("the end is told, unless it was wanted", () => {
  connect();
  page.socket.close();
  expect(heard).toEqual([["failed", "the connection for exact pixels ended"]]);
  heard = [];
  const socket = connect();
  socket.close();
  socket.ack(1);
  expect([heard, page.socket.sent]).toEqual([[], []]);
});
