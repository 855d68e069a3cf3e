import { expect, test } from "vitest";
import { elements } from "./dtype";
import { ack, byteLength, HEADER_BYTES, parseFrame, parseText, view } from "./message";

/** The header of `exact/message.rs` of the runner: int16, three channels, means of 2 x 2, deflated. */
const HEADER = [
  ...[1, 0b10, 72, 0, 4, 3, 1, 0],
  ...[0, 0x20, 0, 0, 0, 0x10, 0, 0],
  ...[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
  ...[0x99, 0, 0, 0, 0, 0, 0, 0],
  ...[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ...[7, 0, 0, 0],
  ...[2, 1, 0, 0, 4, 3, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0],
  ...[2, 0, 0, 0],
  ...[2, 0, 0, 0, 3, 0, 0, 0],
];

/** With other bytes from an offset on, and so many bytes of pixels. */
function message(offset = 0, bytes: number[] = [], pixels = 5): ArrayBuffer {
  const whole = new Uint8Array(HEADER.length + pixels);
  whole.set(HEADER);
  whole.set(bytes, offset);
  return whole.buffer;
}

test("the header is read as the runner writes it", () => {
  expect(HEADER.length).toBe(HEADER_BYTES);
  const buffer = message();
  const frame = { session: "1122334455667788", seq: 0x99, captureMs: -2e-6, mediaUs: null };
  const parsed = parseFrame(buffer);
  expect(parsed).toEqual({
    status: "ok",
    message: {
      frame,
      size: { width: 0x1000, height: 0x2000 },
      region: { x: 0x102, y: 0x304, width: 5, height: 3 },
      factor: 2,
      width: 3,
      height: 2,
      channels: 3,
      dtype: "int16",
      skipped: 7,
      encoding: "deflate",
      buffer,
      offset: 72,
    },
  });
  if (parsed.status === "ok") expect(byteLength(parsed.message)).toBe(2 * 3 * 3 * 2);
});

test("pixels that are as they were captured lie behind the header", () => {
  // Exact, not packed, factor 1, one channel of int16: 5 x 3.
  const whole = new Uint8Array(message(0, [1, 1, 72, 0, 4, 1, 0], 30));
  whole.set([1, 0, 0, 0], 60);
  whole.set([3, 0, 0, 0, 5, 0, 0, 0], 64);
  whole.set([0xff, 0xff, 2, 1], 72);
  const parsed = parseFrame(whole.buffer);
  expect(parsed.status).toBe("ok");
  if (parsed.status !== "ok") return;
  const { dtype, buffer, offset, width, height } = parsed.message;
  expect([...elements(dtype, buffer, offset, width * height)].slice(0, 2)).toEqual([-1, 258]);
});

test.each([
  [0, [2], "version: expected 1, got 2"],
  [2, [71], "header length: expected 72 to 77, got 71"],
  [2, [78], "header length: expected 72 to 77, got 78"],
  [4, [9], "dtype: expected 0 to 8, got 9"],
  [5, [2], "channels: expected 1, 3 or 4, got 2"],
  [6, [2], "encoding: expected 0 or 1, got 2"],
  [6, [0], "pixels: expected 36 bytes, got 5"],
  [8, [0, 0, 1, 0], "frame height: expected 1 to 16384, got 65536"],
  [52, [0, 0, 1, 0], "region: expected within 4096 x 8192, got [258,772,65536,3]"],
  [52, [0], "region: expected within 4096 x 8192, got [258,772,0,3]"],
  [1, [1], "factor: expected 1, for it is exact, got 2"],
  [60, [1], "factor: expected 2 at least, got 1"],
  [60, [0], "factor: expected 2 at least, got 0"],
  [64, [3], "pixels: expected 3 x 2, got [3,3]"],
])("at %d, %j is refused", (offset, bytes, reason) => {
  expect(parseFrame(message(offset, bytes))).toEqual({ status: "error", reason });
});

test("a message that ends in its header, or is larger than any may be, is refused", () => {
  expect(parseFrame(message().slice(0, 71))).toEqual({
    status: "error",
    reason: "message: expected at least 72 bytes, got 71",
  });
  // All of the frame, exact: 4096 x 8192 of three channels.
  const whole = new Uint8Array(message(0, [1, 1]));
  whole.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0, 1, 0, 0, 0], 44);
  whole.set([0, 0x20, 0, 0, 0, 0x10, 0, 0], 64);
  expect(parseFrame(whole.buffer)).toEqual({
    status: "error",
    reason: "pixels: expected at most 33554432 bytes, got 201326592",
  });
});

test("texts are read, and those that nobody knows yet are passed over", () => {
  const hello = { type: "hello", version: 1, run: "5f1d2c3b", stream: "camera" };
  expect(parseText(JSON.stringify(hello))).toEqual({ status: "ok", message: hello });
  expect(parseText('{"type": "refused", "reason": "no"}')).toEqual({
    status: "ok",
    message: { type: "refused", reason: "no" },
  });
  expect(parseText('{"type": "news"}')).toEqual({ status: "ok", message: null });
  for (const text of ["", "[]", "{}", '{"type": "hello", "version": 2}', '{"type": "waiting"}']) {
    expect(parseText(text).status, text).toBe("error");
  }
});

test("what the page says is what the runner reads", () => {
  expect(JSON.parse(ack(1234))).toEqual({ type: "ack", seq: 1234 });
  expect(JSON.parse(view({ region: null, maxPixels: 7, compress: false }))).toEqual({
    type: "view",
    region: null,
    max_pixels: 7,
    compress: false,
  });
  const region = { x: 1, y: 2, width: 3, height: 4 };
  expect(JSON.parse(view({ region, maxPixels: 7, compress: true }))).toMatchObject({ region: [1, 2, 3, 4] });
});
