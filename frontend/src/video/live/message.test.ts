import { describe, expect, test } from "vitest";
import { accessUnit, HEADER_BYTES, parseFragment, parseText } from "./message";

const start = {
  type: "start",
  life: 3,
  session: "9f86d081884c7d65",
  codec: "avc1.42c01e",
  width: 512,
  height: 510,
  init: btoa("ftypmoov"),
  description: btoa("\x01\x42"),
};

function text(json: unknown) {
  const result = parseText(JSON.stringify(json));
  return result.status === "ok" ? result.message : result.reason;
}

/** A header of 40 bytes, and after it whatever is given. */
function binary(
  change: (view: DataView) => void = () => undefined,
  ...boxes: [type: string, content: number[]][]
) {
  const bytes = boxes.flatMap(([type, content]) => [
    ...[0, 0, 0, content.length + 8],
    ...Array.from(type, (c) => c.charCodeAt(0)),
    ...content,
  ]);
  const buffer = new ArrayBuffer(HEADER_BYTES + bytes.length);
  const view = new DataView(buffer);
  view.setUint8(0, 1);
  view.setUint8(1, 1);
  view.setUint16(2, HEADER_BYTES, true);
  view.setUint32(4, 3, true);
  view.setBigUint64(8, 77n, true);
  view.setBigUint64(16, 1234n, true);
  view.setBigInt64(24, 1_760_000_000_000_125_000n, true);
  view.setBigUint64(32, 5_000_000_033n, true);
  new Uint8Array(buffer, HEADER_BYTES).set(bytes);
  change(view);
  return buffer;
}

function fragment(buffer: ArrayBuffer) {
  const result = parseFragment(buffer);
  return result.status === "ok" ? result.message : result.reason;
}

describe("a text", () => {
  test("tells of a new encoder", () => {
    const message = text(start);
    expect(message).toMatchObject({
      type: "start",
      life: 3,
      session: start.session,
      width: 512,
      height: 510,
    });
    if (typeof message === "string" || message?.type !== "start") throw new Error("no start");
    expect(String.fromCharCode(...message.init)).toBe("ftypmoov");
    expect([...message.description]).toEqual([1, 0x42]);
  });

  test("tells of frames that were left out", () => {
    expect(text({ type: "missed", frames: 7 })).toEqual({ type: "missed", frames: 7 });
  });

  test("of a later version of the protocol is passed over", () => {
    expect(text({ type: "weather", rain: true })).toBeNull();
  });

  test.each([
    [{ ...start, session: "<b>" }, /^session: expected 16 hexadecimal digits/],
    [{ ...start, codec: 'avc1.42c01e"; x' }, /^codec/],
    [{ ...start, width: 0 }, /^width: expected 1 to 16384/],
    [{ ...start, height: 1e9 }, /^height/],
    [{ ...start, life: -1 }, /^life: expected a whole number/],
    [{ ...start, init: "*" }, /^init: expected base64/],
    [{ ...start, init: "" }, /^init: expected bytes/],
    [{ ...start, init: "A".repeat(100_000) }, /^init: expected at most 65536/],
    [{ ...start, description: 7 }, /^description: expected a string/],
    [{ type: "missed", frames: 1.5 }, /^frames/],
    [{ type: "hello", version: 2, run: "a", stream: "b" }, /^version: expected 1, got 2/],
    [{}, /^type: expected a string, got nothing/],
    [null, /^message: expected an object/],
    [[start], /^type/],
  ])("%j is refused by name", (json, reason) => {
    expect(text(json)).toMatch(reason);
  });

  test("that is no JSON is refused", () => {
    expect(parseText("<html>")).toEqual({ status: "error", reason: "expected JSON, got <html>" });
  });
});

describe("a frame", () => {
  test("has all of its header, and the rest as it is", () => {
    expect(fragment(binary(undefined, ["moof", [1]], ["mdat", [2, 3]]))).toMatchObject({
      key: true,
      life: 3,
      number: 77,
      seq: 1234,
      captureMs: 1_760_000_000_000.125,
      mediaUs: 5_000_000_033,
      bytes: { byteLength: 9 + 10 },
    });
  });

  test("may have a longer header", () => {
    const buffer = binary((view) => view.setUint16(2, HEADER_BYTES + 9, true), ["skip", [0]], ["mdat", [5]]);
    const message = fragment(buffer);
    if (typeof message === "string") throw new Error(message);
    expect(accessUnit(message)).toMatchObject({ status: "ok", message: { byteLength: 1 } });
  });

  test.each([
    ["version", (view: DataView) => view.setUint8(0, 9)],
    ["header length", (view: DataView) => view.setUint16(2, 39, true)],
    ["header length", (view: DataView) => view.setUint16(2, 65_535, true)],
    ["number", (view: DataView) => view.setBigUint64(8, 1n << 53n, true)],
    ["seq", (view: DataView) => view.setBigUint64(16, (1n << 64n) - 1n, true)],
    ["media time", (view: DataView) => view.setBigUint64(32, 1n << 63n, true)],
  ])("with a bad %s is refused by name", (name, change) => {
    expect(fragment(binary(change))).toMatch(new RegExp(`^${name}: expected`));
  });

  test.each([0, 1, 39])("of %i bytes is refused", (length) => {
    expect(fragment(new ArrayBuffer(length))).toBe(`message: expected at least 40 bytes, got ${length}`);
  });

  test("gives the access unit in it", () => {
    const message = fragment(binary(undefined, ["moof", [1, 1, 1]], ["mdat", [2, 3]]));
    if (typeof message === "string") throw new Error(message);
    const unit = accessUnit(message);
    expect(unit.status === "ok" && [...unit.message]).toEqual([2, 3]);
  });

  test.each([
    ["none", []],
    ["a size of 0", [0, 0, 0, 0, 1, 2, 3, 4, 5]],
    ["a size beyond its end", [0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5]],
    ["a size of 1 and 64 bits", [0, 0, 0, 1, 0x6d, 0x64, 0x61, 0x74, 0, 0, 0, 0, 0, 0, 0, 16]],
    ["half a box header", [0, 0, 0, 9, 1]],
  ])("with boxes that are not right (%s) gives none, and an end", (_, bytes) => {
    expect(accessUnit({ bytes: new Uint8Array(bytes) }).status).toBe("error");
  });

  test("of any bytes gives a frame or a reason", () => {
    let state = 1;
    const byte = () => (state = (state * 48_271) % 2_147_483_647) & 0xff;
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: byte() }, byte);
      // Every second one gets past the first checks.
      if (i % 2 === 0 && bytes.length > 4) bytes.set([1, 0, HEADER_BYTES, 0]);
      const result = parseFragment(bytes.buffer);
      if (result.status === "ok") accessUnit(result.message);
    }
  });
});
