/**
 * The runner's clock, estimated from pings: a capture time minus the local clock would be wrong by
 * as much as two machines disagree.
 *
 * As in NTP (RFC 5905, section 8) the offset is taken in the middle of the round trip, and the
 * shortest of the recent round trips is believed.
 */
export class Clock {
  private readonly samples: { offsetMs: number; roundTripMs: number }[] = [];

  /** Round trips that are remembered. */
  private static readonly KEEP = 8;

  /** A first guess that ignores the way back, replaced by the first `pong`. */
  hello(nowMs: number, receivedMs: number): void {
    this.samples.length = 0;
    this.samples.push({ offsetMs: nowMs - receivedMs, roundTripMs: Infinity });
  }

  /** Local times of a ping and its pong, and the runner's time in between; all ms since the epoch. */
  pong(sentMs: number, receivedMs: number, nowMs: number): void {
    const roundTripMs = receivedMs - sentMs;
    if (!(roundTripMs >= 0)) return;
    this.samples.push({ offsetMs: nowMs - (sentMs + receivedMs) / 2, roundTripMs });
    if (this.samples.length > Clock.KEEP) this.samples.shift();
  }

  /** Runner time minus local time, ms; null before anything was heard. */
  get offsetMs(): number | null {
    let best: { offsetMs: number; roundTripMs: number } | null = null;
    for (const sample of this.samples) {
      if (best === null || sample.roundTripMs <= best.roundTripMs) best = sample;
    }
    return best?.offsetMs ?? null;
  }
}

/** Local wall clock with sub-millisecond steps, ms since the Unix epoch. */
export function localNow(): number {
  return performance.timeOrigin + performance.now();
}
