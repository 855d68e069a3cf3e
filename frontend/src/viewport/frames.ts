/** Asks the runner for frames as they were captured: docs/protocol.md, section 3. */
import { ask, refusal, Refused } from "../ask";
import { parsePixel, type Pixel, type Spot } from "./pixel";

/** A file that takes longer is given up, ms. */
const TIMEOUT_MS = 120_000;

/** What files a frame can be saved as. */
export const FORMATS = ["tiff", "npy", "png"] as const;
export type Format = (typeof FORMATS)[number];

/** What came of asking for something of a frame. */
export type Answer<T> =
  | { status: "read"; read: T }
  /** The frame is not kept any more; the runner's sentence says which ones are. */
  | { status: "gone"; reason: string }
  | { status: "failed"; reason: string };

/** One pixel of one frame; never rejects. */
export function pixelOf(stream: string, spot: Spot): Promise<Answer<Pixel>> {
  const { session, seq, x, y } = spot;
  const path = `${pathOf(stream, seq)}/pixel?x=${x}&y=${y}&session=${session}`;
  return answer(ask("GET", path, (text) => parsePixel(text, spot)));
}

/** A frame as a file, bit for bit as it was captured; never rejects. */
export function fileOf(
  stream: string,
  { session, seq }: Pick<Spot, "session" | "seq">,
  format: Format,
): Promise<Answer<Blob>> {
  return answer(download(`${pathOf(stream, seq)}.${format}?session=${session}`));
}

async function download(path: string): Promise<Blob> {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
    throw new Error("the runner does not answer");
  });
  if (!response.ok) throw refusal(response.status, await response.text());
  return response.blob();
}

async function answer<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { status: "read", read: await asked };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { status: error instanceof Refused && error.status === 404 ? "gone" : "failed", reason };
  }
}

function pathOf(stream: string, seq: number): string {
  return `/api/v1/streams/${encodeURIComponent(stream)}/frames/${seq}`;
}
