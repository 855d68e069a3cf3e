/** What may be said of a pixel: the value of the frame that it says, or why there is none. Never that of another pixel. */
import type { Pixel, Spot } from "./pixel";
import type { Place } from "./probe";
import type { Read } from "./reader";

export interface Told {
  place: Place;
  /** `read`: there is a value. `gone`: the runner does not keep the frame any more. */
  state: "read" | "pending" | "gone" | "failed" | "unknown";
  /** Of which frame; null while that is not known. */
  spot: Spot | null;
  pixel: Pixel | null;
  /** Instead of a value. */
  words: string;
  note: string;
}

/**
 * What is told of the pixel at `place`. A live picture runs ahead of the answers by some frames, and each says its frame;
 * one that stands is told of with its own values only.
 */
export function tell(
  place: Place,
  frame: Pick<Spot, "session" | "seq"> | null,
  paused: boolean,
  read: Read | null,
): Told {
  const nothing = { place, spot: null, pixel: null, note: "" };
  if (frame === null) return { ...nothing, state: "unknown", words: "which frame this is, is not known" };
  const { spot, answer } = read ?? {};
  const fits =
    spot?.x === place.x &&
    spot.y === place.y &&
    spot.session === frame.session &&
    (!paused || spot.seq === frame.seq);
  if (!fits || answer === undefined) return { ...nothing, state: "pending", words: "…" };
  switch (answer.status) {
    case "read":
      return {
        place,
        state: "read",
        spot,
        pixel: answer.read,
        words: "",
        note: `value of column ${place.x}, row ${place.y} of frame ${spot.seq}, as captured (${answer.read.dtype})`,
      };
    case "gone":
      return {
        ...nothing,
        spot,
        state: "gone",
        words: `frame #${spot.seq} is no longer kept`,
        note: answer.reason,
      };
    case "failed":
      return { ...nothing, spot, state: "failed", words: answer.reason, note: answer.reason };
  }
}
