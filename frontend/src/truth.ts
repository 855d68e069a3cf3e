/** What a pane says of itself: one state from everything that is known. A frozen picture never looks live. */
import type { Connection } from "./metrics/socket";
import type { Stream } from "./metrics/message";
import { duration, latency } from "./format";

export type Badge = "waiting" | "live" | "stalled" | "ended" | "paused" | "asleep" | "offline";

export interface Truth {
  badge: Badge;
  /** The words on the badge. */
  text: string;
  /** The reason, shown with the picture; null when all is well. */
  note: string | null;
  /** Whether what is shown is old and must look so. */
  dim: boolean;
}

/** What the page sees of a picture or a chart, apart from what the runner says. */
export interface Seen {
  connection: Connection;
  /** Whether the runner still names the stream. */
  known: boolean;
  paused: boolean;
  /** Whether nothing is played or drawn, for it was out of sight. */
  asleep: boolean;
  /** Whether another frame than the one on screen was asked for. */
  seeking: boolean;
  /** How far a paused picture is from the moment of the page, ms; null when that is nothing to mention. */
  awayMs: number | null;
  /** Whether anything was ever shown. */
  shown: boolean;
  /** Since what is shown last changed, ms; null when not known or it does not matter. */
  sinceChangeMs: number | null;
  /** Capture to now of what is shown, ms. */
  latencyMs: number | null;
  /** Why a player was given up. */
  trouble: string | null;
}

/** A picture that stands still for longer is not live, ms. */
export const FROZEN_MS = 2000;

/** Longest time between two frames that is nothing unusual at a rate per second, ms. */
export function patience(rate: number | null): number {
  return Math.max(FROZEN_MS, rate !== null && rate > 0 ? 2500 / rate : 0);
}

export function truth(stream: Stream, seen: Seen): Truth {
  if (seen.connection !== "open") {
    return { badge: "offline", text: "no connection", note: "no connection to the runner", dim: true };
  }
  if (stream.state === "ended") return { badge: "ended", text: "ended", note: stream.reason, dim: true };
  if (!seen.known) return { badge: "waiting", text: "waiting", note: "waiting for its producer", dim: true };
  if (seen.paused) {
    const behind = seen.latencyMs === null ? "" : ` · ${latency(seen.latencyMs)} behind`;
    const text = seen.seeking ? "paused · seeking" : `paused${behind}`;
    return {
      badge: "paused",
      text,
      note: seen.seeking ? null : (seen.trouble ?? beside(seen.awayMs)),
      dim: false,
    };
  }
  if (seen.asleep) return { badge: "asleep", text: "asleep", note: null, dim: false };
  if (stream.state === "stalled") {
    return {
      badge: "stalled",
      text: "stalled",
      note: stream.reason ?? "nothing new arrives",
      dim: frozen(stream, seen),
    };
  }
  if (stream.state === "waiting" || !seen.shown) {
    const what = stream.kind === "frame" ? "waiting for the first picture" : "waiting for the first sample";
    return {
      badge: "waiting",
      text: "waiting",
      note: stream.reason ?? seen.trouble ?? what,
      dim: seen.shown,
    };
  }
  if (frozen(stream, seen)) {
    const since = duration(seen.sinceChangeMs);
    return {
      badge: "stalled",
      text: "stalled",
      note: seen.trouble ?? `no new picture for ${since}`,
      dim: true,
    };
  }
  return { badge: "live", text: "live", note: null, dim: false };
}

/** A picture of another moment than the rest of the page must not pass for one of this. */
function beside(awayMs: number | null): string | null {
  if (awayMs === null) return null;
  return `the nearest picture is ${duration(Math.abs(awayMs))} ${awayMs < 0 ? "earlier" : "later"}`;
}

function frozen(stream: Stream, seen: Seen): boolean {
  return seen.sinceChangeMs !== null && seen.sinceChangeMs > patience(stream.rate);
}
