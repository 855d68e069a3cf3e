/**
 * What the runner says on `/ws` and what the page answers: docs/protocol.md, section 2.
 *
 * Parsing is pure and total: any text gives either a message whose types hold, or a reason that
 * names the key, what was expected and what came. Unknown keys are ignored.
 */

import { display, type Display } from "../display/settings";
import {
  fail,
  list,
  number,
  object,
  oneOf,
  optional,
  parsed,
  string,
  type Fields,
  type Parsed,
} from "../json";

export const VERSION = 1;

const STATES = ["waiting", "live", "stalled", "ended"] as const;
export type State = (typeof STATES)[number];

/** Frames that never reached the screen, by where they were lost. */
export interface Drops {
  /** Sequence numbers that never arrived. */
  wire: number;
  /** Replaced because the encoder was behind. */
  queue: number;
  /** Inside an encoder that died. */
  encoder: number;
}

/** What one frame of a stream is. */
export interface Format {
  /** `[h, w]` or `[h, w, c]`, pixels. */
  shape: number[];
  dtype: string;
  fps: number | null;
  unit: string | null;
  /** Values that its producer says are black and white; null: it says nothing. */
  range: [min: number, max: number] | null;
  /** `[height, width]` of what one pixel shows, in `pixel_unit`; null: unknown. */
  pixel_size: [number, number] | null;
  pixel_unit: string | null;
}

export interface Encoder {
  phase: string;
  restarts: number;
  encoded: number;
}

interface Common {
  id: string;
  state: State;
  reason: string | null;
  session: string | null;
  seq: number | null;
  /** Capture time of the newest frame or message, ms since the Unix epoch. */
  t_ms: number | null;
  /** Per second of capture time. */
  rate: number | null;
  received: number;
  drops: Drops;
}

export interface FrameStream extends Common {
  kind: "frame";
  format: Format | null;
  /** Path of the playlist, null until it has its first segment. */
  hls: string | null;
  /** Path of the playlist of parts, null until it has its first one. */
  llhls: string | null;
  /** Path of the WebSocket of single frames, null until there is one. */
  live: string | null;
  /** What can be sought, null while it is nothing. */
  dvr: Dvr | null;
  /** Least time from capture to the runner's receipt of late, ms; negative when the producer's clock is ahead. */
  delay_ms: number | null;
  encoder: Encoder | null;
  /** How its values are looked at, null while nobody can say. */
  display: Display | null;
  /** Its regions of interest, null from a runner that knows of none. */
  rois: RoiCount | null;
}

/** What there is of regions, short. */
export interface RoiCount {
  /** Grows with every change. */
  revision: number;
  count: number;
  /** Frames that were not measured, because measuring was behind. */
  skipped: number;
}

/** Capture times, ms since the Unix epoch. */
export interface Dvr {
  from_ms: number;
  to_ms: number;
}

export interface MetricStream extends Common {
  kind: "metric";
  /** How many series the stream has. */
  series: number;
}

/** `(kind, id)` identifies a stream. */
export type Stream = FrameStream | MetricStream;

export interface Series {
  /** Valid for one run of the runner. */
  id: number;
  stream: string;
  name: string;
  unit: string | null;
}

/** Samples of one series: `t` in ms since the Unix epoch, `v` as long. */
export interface Samples {
  id: number;
  t: number[];
  v: number[];
}

export type Message =
  | { type: "hello"; version: number; run: string; now_ms: number; history_ms: number }
  | { type: "streams"; streams: Stream[] }
  | { type: "series"; series: Series[] }
  | { type: "forgotten"; series: number[] }
  | { type: "backfill"; series: Samples[] }
  | { type: "samples"; series: Samples[] }
  | { type: "missed"; messages: number }
  | { type: "event"; stream: string; t_ms: number; text: string }
  | { type: "notice"; text: string; count: number; t_ms: number; source: string | null }
  | { type: "pong"; id: number; now_ms: number };

/** The answer of `/api/v1/series`. */
export interface SeriesAnswer {
  run: string;
  series: Samples[];
}

/** Parses one text message of the runner. */
export function parse(text: string): Parsed<Message> {
  return parsed(text, message);
}

/** Parses what `/api/v1/series` answers. */
export function parseSeries(text: string): Parsed<SeriesAnswer> {
  return parsed(text, ({ run, series }) => ({
    run: string(run, "run"),
    series: list(series, "series", samples),
  }));
}

/** The only message that a page sends. */
export function ping(id: number): string {
  return JSON.stringify({ type: "ping", id });
}

function message(m: Fields): Message {
  const type = string(m["type"], "type");
  switch (type) {
    case "hello": {
      const version = number(m["version"], "version");
      if (version !== VERSION) fail("version", String(VERSION), version);
      return {
        type,
        version,
        run: string(m["run"], "run"),
        now_ms: number(m["now_ms"], "now_ms"),
        history_ms: number(m["history_ms"], "history_ms"),
      };
    }
    case "streams":
      return { type, streams: list(m["streams"], "streams", stream) };
    case "series":
      return { type, series: list(m["series"], "series", series) };
    case "forgotten":
      return { type, series: list(m["series"], "series", number) };
    case "backfill":
    case "samples":
      return { type, series: list(m["series"], "series", samples) };
    case "missed":
      return { type, messages: number(m["messages"], "messages") };
    case "event":
      return {
        type,
        stream: string(m["stream"], "stream"),
        t_ms: number(m["t_ms"], "t_ms"),
        text: string(m["text"], "text"),
      };
    case "notice":
      return {
        type,
        text: string(m["text"], "text"),
        count: number(m["count"], "count"),
        t_ms: number(m["t_ms"], "t_ms"),
        source: optional(m["source"], "source", string),
      };
    case "pong":
      return { type, id: number(m["id"], "id"), now_ms: number(m["now_ms"], "now_ms") };
    default:
      return fail("type", "a known message type", type);
  }
}

function stream(json: unknown, path: string): Stream {
  const s = object(json, path);
  const at = (key: string) => `${path}.${key}`;
  const kind = string(s["kind"], at("kind"));
  const drops = object(s["drops"], at("drops"));
  const common: Common = {
    id: string(s["id"], at("id")),
    state: oneOf(STATES, s["state"], at("state")),
    reason: optional(s["reason"], at("reason"), string),
    session: optional(s["session"], at("session"), string),
    seq: optional(s["seq"], at("seq"), number),
    t_ms: optional(s["t_ms"], at("t_ms"), number),
    rate: optional(s["rate"], at("rate"), number),
    received: number(s["received"], at("received")),
    drops: {
      wire: optional(drops["wire"], at("drops.wire"), number) ?? 0,
      queue: optional(drops["queue"], at("drops.queue"), number) ?? 0,
      encoder: optional(drops["encoder"], at("drops.encoder"), number) ?? 0,
    },
  };
  switch (kind) {
    case "frame":
      return {
        kind,
        ...common,
        format: optional(s["format"], at("format"), format),
        hls: optional(s["hls"], at("hls"), localPath),
        llhls: optional(s["llhls"], at("llhls"), localPath),
        live: optional(s["live"], at("live"), localPath),
        dvr: optional(s["dvr"], at("dvr"), dvr),
        delay_ms: optional(s["delay_ms"], at("delay_ms"), number),
        encoder: optional(s["encoder"], at("encoder"), encoder),
        display: optional(s["display"], at("display"), display),
        rois: optional(s["rois"], at("rois"), roiCount),
      };
    case "metric":
      return { kind, ...common, series: number(s["series"], at("series")) };
    default:
      return fail(at("kind"), '"frame" or "metric"', kind);
  }
}

function format(json: unknown, path: string): Format {
  const f = object(json, path);
  const shape = list(f["shape"], `${path}.shape`, side);
  if (shape.length !== 2 && shape.length !== 3) fail(`${path}.shape`, "[h, w] or [h, w, c]", f["shape"]);
  return {
    shape,
    dtype: string(f["dtype"], `${path}.dtype`),
    fps: optional(f["fps"], `${path}.fps`, number),
    unit: optional(f["unit"], `${path}.unit`, string),
    range: optional(f["range"], `${path}.range`, range),
    pixel_size: optional(f["pixel_size"], `${path}.pixel_size`, pixelSize),
    pixel_unit: optional(f["pixel_unit"], `${path}.pixel_unit`, string),
  };
}

function range(json: unknown, path: string): [number, number] {
  const [min, max, ...more] = list(json, path, number);
  if (min === undefined || max === undefined || more.length > 0) return fail(path, "[min, max]", json);
  return [min, max];
}

function pixelSize(json: unknown, path: string): [number, number] {
  const [height, width, ...more] = list(json, path, number);
  const are = height !== undefined && width !== undefined && more.length === 0;
  return are && height > 0 && width > 0 ? [height, width] : fail(path, "[height, width] above 0", json);
}

function dvr(json: unknown, path: string): Dvr {
  const d = object(json, path);
  return {
    from_ms: number(d["from_ms"], `${path}.from_ms`),
    to_ms: number(d["to_ms"], `${path}.to_ms`),
  };
}

function roiCount(json: unknown, path: string): RoiCount {
  const r = object(json, path);
  return {
    revision: number(r["revision"], `${path}.revision`),
    count: number(r["count"], `${path}.count`),
    skipped: optional(r["skipped"], `${path}.skipped`, number) ?? 0,
  };
}

function encoder(json: unknown, path: string): Encoder {
  const e = object(json, path);
  return {
    phase: string(e["phase"], `${path}.phase`),
    restarts: number(e["restarts"], `${path}.restarts`),
    encoded: number(e["encoded"], `${path}.encoded`),
  };
}

function series(json: unknown, path: string): Series {
  const s = object(json, path);
  return {
    id: number(s["id"], `${path}.id`),
    stream: string(s["stream"], `${path}.stream`),
    name: string(s["name"], `${path}.name`),
    unit: optional(s["unit"], `${path}.unit`, string),
  };
}

function samples(json: unknown, path: string): Samples {
  const s = object(json, path);
  const t = list(s["t"], `${path}.t`, number);
  const v = list(s["v"], `${path}.v`, sampleValue);
  if (t.length !== v.length) fail(`${path}.v`, `${t.length} values, one per time`, v.length);
  return { id: number(s["id"], `${path}.id`), t, v };
}

/** JSON has no word for these three, so they travel as strings. */
function sampleValue(json: unknown, path: string): number {
  switch (json) {
    case "NaN":
      return NaN;
    case "Infinity":
      return Infinity;
    case "-Infinity":
      return -Infinity;
    default:
      return number(json, path);
  }
}

function side(json: unknown, path: string): number {
  const n = number(json, path);
  return Number.isInteger(n) && n >= 1 ? n : fail(path, "a whole number of at least 1", json);
}

/** Only the runner itself serves pictures: a path, never an address of another host. */
function localPath(json: unknown, path: string): string {
  const s = string(json, path);
  return /^\/(?!\/)/.test(s) ? s : fail(path, "a path that begins with one slash", json);
}
