/** Saves the frame on screen as it was captured. */
import type { ShownFrame } from "../video/frame";
import { fileOf, type Format } from "./frames";
import { identity } from "./pixel";

/** What became of it, and a sentence about that. */
export interface Saved {
  state: "saved" | "gone" | "failed";
  words: string;
  /** What the runner says. */
  note: string;
}

/** Has the browser keep the file. */
export async function save(stream: string, frame: ShownFrame | null, format: Format): Promise<Saved> {
  const which = identity(frame);
  if (frame === null || which === null)
    return { state: "failed", words: "nothing saved: which frame this is, is not known", note: "" };
  const answer = await fileOf(stream, which, format);
  switch (answer.status) {
    case "read": {
      const name = fileName(stream, frame.captureMs, which.seq, format);
      hand(answer.read, name);
      return { state: "saved", words: `saved ${name}`, note: "" };
    }
    case "gone":
      return {
        state: "gone",
        words: `nothing saved: frame #${which.seq} is no longer kept`,
        note: answer.reason,
      };
    case "failed":
      return { state: "failed", words: `nothing saved: ${answer.reason}`, note: "" };
  }
}

/** Stream, local time of capture, number: `camera_20260131-140309.123_1234.tiff`. */
export function fileName(stream: string, captureMs: number, seq: number, format: Format): string {
  const at = new Date(captureMs);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `${stream}_${day}-${time}.${String(at.getMilliseconds()).padStart(3, "0")}_${seq}.${format}`;
}

function hand(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser may still be reading it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
