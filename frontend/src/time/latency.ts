/** How long a picture or a sample was under way: a number, or why there is none. Never a guess. */

export type Latency = { ms: number } | { unknown: string };

/** What is known of the three clocks: the producer's, the runner's and this machine's. */
export interface Clocks {
  /** Whether the runner's clock is known here. */
  synchronised: boolean;
  /** Least time from capture to the runner of late, ms; null when not known. */
  delayMs: number | null;
  /** The runner's clock when it came on screen, ms since the Unix epoch. */
  shownMs: number;
}

/** From capture to the screen. */
export function latencyOf(captureMs: number | null, { synchronised, delayMs, shownMs }: Clocks): Latency {
  if (captureMs === null) return { unknown: "nothing is on screen yet" };
  if (!synchronised) return { unknown: "the runner's clock is not known yet" };
  const ahead = "the producer's clock is ahead of the runner's";
  if (delayMs !== null && delayMs < 0) return { unknown: `${ahead}, by ${Math.ceil(-delayMs)} ms at least` };
  const ms = shownMs - captureMs;
  return ms < 0 ? { unknown: ahead } : { ms };
}

/** Milliseconds, or null. */
export function known(latency: Latency): number | null {
  return "ms" in latency ? latency.ms : null;
}
