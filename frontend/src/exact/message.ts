/**
 * What the runner says on `/ws/raw/{id}` and what the page answers: docs/protocol.md, section 4.
 *
 * Pure and total: any text and any bytes give a message whose types hold, or a reason.
 */
import { attempt, fail, number, parsed, string, type Parsed } from "../json";
import { bytesOf, dtypeOf } from "./dtype";
import type { Pixels, Rect } from "./pixels";

export const VERSION = 1;
/** Bytes of the header of version 1; a longer one is read as far as it is known. */
export const HEADER_BYTES = 72;
const LONGEST_SIDE = 16_384;
/** No message has more pixels than this, bytes once inflated. */
const MOST_BYTES = 32 << 20;
const EXACT = 1;

export type Text =
  | { type: "hello"; version: number; run: string; stream: string }
  /** What the page said cannot be done. */
  | { type: "refused"; reason: string }
  /** No frame can be sent now; one follows. */
  | { type: "waiting"; reason: string };

/** A frame, whose pixels may still be packed. */
export interface Packed extends Omit<Pixels, "data"> {
  /** Frames that came to the runner and were not sent to this viewer. */
  skipped: number;
  encoding: "raw" | "deflate";
  /** Where the pixels are. */
  buffer: ArrayBuffer;
  offset: number;
}

/** Parses a text message. Types that are not known yet give null. */
export function parseText(text: string): Parsed<Text | null> {
  return parsed(text, (m): Text | null => {
    switch (m["type"]) {
      case "hello": {
        const version = number(m["version"], "version");
        if (version !== VERSION) fail("version", String(VERSION), version);
        return {
          type: "hello",
          version,
          run: string(m["run"], "run"),
          stream: string(m["stream"], "stream"),
        };
      }
      case "refused":
      case "waiting":
        return { type: m["type"], reason: string(m["reason"], "reason") };
      default:
        string(m["type"], "type");
        return null;
    }
  });
}

/** Parses a binary message. The result looks into `buffer`. */
export function parseFrame(buffer: ArrayBuffer): Parsed<Packed> {
  return attempt(() => {
    if (buffer.byteLength < HEADER_BYTES)
      fail("message", `at least ${HEADER_BYTES} bytes`, buffer.byteLength);
    const view = new DataView(buffer);
    const u32 = (offset: number) => view.getUint32(offset, true);
    const version = view.getUint8(0);
    if (version !== VERSION) fail("version", String(VERSION), version);
    const offset = view.getUint16(2, true);
    if (offset < HEADER_BYTES || offset > buffer.byteLength) {
      fail("header length", `${HEADER_BYTES} to ${buffer.byteLength}`, offset);
    }
    const dtype = dtypeOf(view.getUint8(4)) ?? fail("dtype", "0 to 8", view.getUint8(4));
    const channels = channelsOf(view.getUint8(5));
    const encoding = encodingOf(view.getUint8(6));
    const size = { height: side(u32(8), "frame height"), width: side(u32(12), "frame width") };
    const region: Rect = { x: u32(44), y: u32(48), width: u32(52), height: u32(56) };
    if (!within(region, size)) {
      fail("region", `within ${size.width} x ${size.height}`, Object.values(region));
    }
    const factor = u32(60);
    const exact = (view.getUint8(1) & EXACT) !== 0;
    if (factor < 1 || exact !== (factor === 1))
      fail("factor", exact ? "1, for it is exact" : "2 at least", factor);
    const [height, width] = [u32(64), u32(68)];
    const [rows, columns] = [Math.ceil(region.height / factor), Math.ceil(region.width / factor)];
    if (height !== rows || width !== columns) fail("pixels", `${columns} x ${rows}`, [width, height]);
    const packed: Packed = {
      frame: {
        session: view.getBigUint64(16, true).toString(16).padStart(16, "0"),
        seq: Number(view.getBigUint64(24, true)),
        captureMs: Number(view.getBigInt64(32, true)) / 1e6,
        mediaUs: null,
      },
      ...{ size, region, factor, width, height, channels, dtype },
      ...{ skipped: u32(40), encoding, buffer, offset },
    };
    const [bytes, came] = [byteLength(packed), buffer.byteLength - offset];
    if (bytes > MOST_BYTES) fail("pixels", `at most ${MOST_BYTES} bytes`, bytes);
    if (encoding === "raw" && came !== bytes) fail("pixels", `${bytes} bytes`, came);
    return packed;
  });
}

/** Bytes of the pixels once they are unpacked. */
export function byteLength({ width, height, channels, dtype }: Omit<Pixels, "data">): number {
  return width * height * channels * bytesOf(dtype);
}

/** The frame of this number was taken, and all before it. */
export function ack(seq: number): string {
  return JSON.stringify({ type: "ack", seq });
}

/** What of the frames is to be sent. */
export interface View {
  /** Null: all of it. */
  region: Rect | null;
  /** If the region has more, it is reduced by the least factor that fits. */
  maxPixels: number;
  /** Whether this page can inflate. */
  compress: boolean;
}

export function view({ region, maxPixels, compress }: View): string {
  const rect = region === null ? null : [region.x, region.y, region.width, region.height];
  return JSON.stringify({ type: "view", region: rect, max_pixels: maxPixels, compress });
}

function within({ x, y, width, height }: Rect, frame: { width: number; height: number }): boolean {
  return width >= 1 && height >= 1 && x + width <= frame.width && y + height <= frame.height;
}

function channelsOf(channels: number): 1 | 3 | 4 {
  return channels === 1 || channels === 3 || channels === 4
    ? channels
    : fail("channels", "1, 3 or 4", channels);
}

function encodingOf(encoding: number): "raw" | "deflate" {
  if (encoding > 1) fail("encoding", "0 or 1", encoding);
  return encoding === 0 ? "raw" : "deflate";
}

function side(n: number, path: string): number {
  return n >= 1 && n <= LONGEST_SIDE ? n : fail(path, `1 to ${LONGEST_SIDE}`, n);
}
