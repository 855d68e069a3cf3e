/**
 * What the runner says on `/ws/live/{id}` and what a player answers: docs/protocol.md, section 2.
 *
 * Pure and total, as the other parser: any text and any bytes give a message whose types hold, or a reason.
 */

export const VERSION = 1;
/** Bytes of the header of version 1; a longer one is read as far as it is known. */
export const HEADER_BYTES = 40;
/** An initialisation segment takes about 1 KiB. */
const INIT_BYTES = 65_536;
const LONGEST_SIDE = 16_384;

/** A new encoder: everything after it needs this first. */
export interface Start {
  type: "start";
  life: number;
  /** Of the producer, 16 hexadecimal digits. */
  session: string;
  /** RFC 6381, `avc1.PPCCLL`. */
  codec: string;
  /** Pixels. */
  width: number;
  height: number;
  /** ftyp and moov. */
  init: Uint8Array<ArrayBuffer>;
  /** AVCDecoderConfigurationRecord (avcC). */
  description: Uint8Array<ArrayBuffer>;
}

export type Text =
  | { type: "hello"; version: number; run: string; stream: string }
  | Start
  /** This viewer was skipped ahead. */
  | { type: "missed"; frames: number };

/** One encoded frame. */
export interface Fragment {
  key: boolean;
  life: number;
  /** +1 per encoded frame of the stream. */
  number: number;
  seq: number;
  /** Capture time, ms since the Unix epoch. */
  captureMs: number;
  /** Presentation time in the stream, microseconds. */
  mediaUs: number;
  /** moof and mdat of one sample. */
  bytes: Uint8Array<ArrayBuffer>;
}

export type Parsed<T> = { status: "ok"; message: T } | { status: "error"; reason: string };

/** Parses a text message. Types that are not known yet give null. */
export function parseText(text: string): Parsed<Text | null> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { status: "error", reason: `expected JSON, got ${text.slice(0, 60)}` };
  }
  return parsed(() => message(json));
}

/** Parses a binary message. The result looks into `buffer`. */
export function parseFragment(buffer: ArrayBuffer): Parsed<Fragment> {
  return parsed(() => {
    if (buffer.byteLength < HEADER_BYTES)
      fail("message", `at least ${HEADER_BYTES} bytes`, buffer.byteLength);
    const view = new DataView(buffer);
    const version = view.getUint8(0);
    if (version !== VERSION) fail("version", VERSION, version);
    const header = view.getUint16(2, true);
    if (header < HEADER_BYTES || header > buffer.byteLength) {
      fail("header length", `${HEADER_BYTES} to ${buffer.byteLength}`, header);
    }
    return {
      key: (view.getUint8(1) & 1) === 1,
      life: view.getUint32(4, true),
      number: whole(view.getBigUint64(8, true), "number"),
      seq: whole(view.getBigUint64(16, true), "seq"),
      captureMs: Number(view.getBigInt64(24, true)) / 1e6,
      mediaUs: whole(view.getBigUint64(32, true), "media time"),
      bytes: new Uint8Array(buffer, header),
    };
  });
}

/** The access unit in a fragment: what its media data box holds. Units in it have their length before them. */
export function accessUnit({ bytes }: Pick<Fragment, "bytes">): Parsed<Uint8Array<ArrayBuffer>> {
  return parsed(() => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.byteLength;) {
      const size = view.getUint32(at);
      // 0 and 1 mean "to the end" and "64 bits follow": not in fragments of one frame.
      if (size < 8 || size > bytes.byteLength - at) {
        fail(`box at byte ${at}`, `8 to ${bytes.byteLength - at} bytes`, size);
      }
      if (view.getUint32(at + 4) === MDAT) return bytes.subarray(at + 8, at + size);
      at += size;
    }
    return fail("fragment", "an mdat box", `none in ${bytes.byteLength} bytes`);
  });
}

/** All fragments up to this one were taken. */
export function ack(number: number): string {
  return JSON.stringify({ type: "ack", number });
}

const MDAT = 0x6d646174;

class Malformed extends Error {}

function parsed<T>(read: () => T): Parsed<T> {
  try {
    return { status: "ok", message: read() };
  } catch (error) {
    if (error instanceof Malformed) return { status: "error", reason: error.message };
    throw error;
  }
}

function message(json: unknown): Text | null {
  if (typeof json !== "object" || json === null) return fail("message", "an object", json);
  const m = json as Record<string, unknown>;
  switch (m["type"]) {
    case "hello": {
      const version = count(m["version"], "version");
      if (version !== VERSION) fail("version", VERSION, version);
      return { type: "hello", version, run: string(m["run"], "run"), stream: string(m["stream"], "stream") };
    }
    case "start":
      return {
        type: "start",
        life: count(m["life"], "life"),
        session: matching(/^[0-9a-f]{16}$/, m["session"], "session", "16 hexadecimal digits"),
        codec: matching(/^avc1\.[0-9a-f]{6}$/i, m["codec"], "codec", "avc1. and 6 hexadecimal digits"),
        width: side(m["width"], "width"),
        height: side(m["height"], "height"),
        init: bytes(m["init"], "init"),
        description: bytes(m["description"], "description"),
      };
    case "missed":
      return { type: "missed", frames: count(m["frames"], "frames") };
    default:
      string(m["type"], "type");
      return null;
  }
}

function bytes(json: unknown, path: string): Uint8Array<ArrayBuffer> {
  const base64 = string(json, path);
  if (base64.length > INIT_BYTES) fail(path, `at most ${INIT_BYTES} characters`, base64.length);
  let binary;
  try {
    binary = atob(base64);
  } catch {
    return fail(path, "base64", base64.slice(0, 20));
  }
  if (binary.length === 0) fail(path, "bytes", "");
  return Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
}

function matching(pattern: RegExp, json: unknown, path: string, expected: string): string {
  const text = string(json, path);
  return pattern.test(text) ? text : fail(path, expected, text.slice(0, 40));
}

function side(json: unknown, path: string): number {
  const n = count(json, path);
  return n >= 1 && n <= LONGEST_SIDE ? n : fail(path, `1 to ${LONGEST_SIDE}`, n);
}

function count(json: unknown, path: string): number {
  if (typeof json === "number" && Number.isSafeInteger(json) && json >= 0) return json;
  return fail(path, "a whole number", json);
}

function string(json: unknown, path: string): string {
  return typeof json === "string" ? json : fail(path, "a string", json);
}

function whole(value: bigint, path: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail(path, "less than 2^53", String(value));
  return Number(value);
}

function fail(path: string, expected: string | number, got: unknown): never {
  const what = got === undefined ? "nothing" : JSON.stringify(got).slice(0, 60);
  throw new Malformed(`${path}: expected ${expected}, got ${what}`);
}
