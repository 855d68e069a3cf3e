/** What a playlist offers, decoded outside of any browser: the truth about what was delivered. */
import { spawn } from "node:child_process";
import { decode } from "./barcode.js";

/**
 * @typedef {object} Segment
 * @property {string} name
 * @property {number} durationS
 * @property {number | null} programDateTimeMs ms since the Unix epoch.
 * @property {boolean} discontinuity Whether it begins a new timeline.
 */

/**
 * The segments of a media playlist, RFC 8216.
 *
 * @param {string} text
 * @returns {Segment[]}
 */
export function parsePlaylist(text) {
  /** @type {Segment[]} */
  const segments = [];
  let next = { durationS: NaN, programDateTimeMs: /** @type {number | null} */ (null), discontinuity: false };
  for (const line of text.split(/\r?\n/)) {
    const [tag, value = ""] = split(line);
    if (tag === "#EXTINF") next.durationS = parseFloat(value);
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") next.programDateTimeMs = Date.parse(value);
    else if (tag === "#EXT-X-DISCONTINUITY") next.discontinuity = true;
    else if (line !== "" && !line.startsWith("#")) {
      segments.push({ name: line, ...next });
      next = { durationS: NaN, programDateTimeMs: null, discontinuity: false };
    }
  }
  return segments;
}

/** @param {string} line @returns {[string, string?]} */
function split(line) {
  const at = line.indexOf(":");
  return at < 0 || !line.startsWith("#") ? [line] : [line.slice(0, at), line.slice(at + 1)];
}

/**
 * A stream's playlist, or null while it has none.
 *
 * @param {string} url Of the runner.
 * @param {string} stream
 */
export async function playlist(url, stream) {
  const answer = await fetch(new URL(`/hls/${stream}/index.m3u8`, url));
  return answer.ok ? parsePlaylist(await answer.text()) : null;
}

/**
 * Barcodes of every frame of a stream that the playlist still offers, in order; null for a frame that has none.
 *
 * @param {string} url Of the runner.
 * @param {string} stream
 * @returns {Promise<(import("./barcode.js").Code | null)[]>}
 */
export async function delivered(url, stream) {
  const segments = (await playlist(url, stream)) ?? [];
  const codes = [];
  // One by one: every segment of MPEG-TS begins with a key frame and stands alone.
  for (const { name } of segments) {
    const answer = await fetch(new URL(`/hls/${stream}/${name}`, url));
    if (answer.ok) codes.push(...(await decodeSegment(Buffer.from(await answer.arrayBuffer()))));
  }
  return codes;
}

/** @param {Buffer} bytes MPEG-TS. */
async function decodeSegment(bytes) {
  const [width, height] = [144, 128];
  const output = await ffmpeg(
    [
      "-f",
      "mpegts",
      "-i",
      "pipe:0",
      "-fps_mode",
      "passthrough",
      "-vf",
      `scale=${width}:${height}:flags=area`,
      "-pix_fmt",
      "gray",
    ],
    bytes,
  );
  const size = width * height;
  return Array.from({ length: Math.floor(output.length / size) }, (_, i) =>
    decode({ data: output.subarray(i * size, (i + 1) * size), width, height, stride: 1 }),
  );
}

/**
 * Raw video that ffmpeg makes of its input.
 *
 * @param {string[]} args Input, filters and pixel format.
 * @param {Buffer} [input] For pipe:0.
 * @returns {Promise<Buffer>}
 */
export function ffmpeg(args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn("ffmpeg", ["-loglevel", "error", ...args, "-f", "rawvideo", "pipe:1"]);
    /** @type {Buffer[]} */
    const chunks = [];
    let complaint = "";
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (text) => (complaint += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(Buffer.concat(chunks))
        : reject(new Error(`ffmpeg ended with ${code}: ${complaint}`)),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
