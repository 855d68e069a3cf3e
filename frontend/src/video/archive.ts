/** The runner's timeline of a stream, asked for as little as possible. */
import { Backoff } from "../backoff";
import type { Entry, Timeline } from "./timeline";

/** Two questions are so far apart, ms. */
const APART_MS = 150;
/** Frames on screen are to be known so long before their turn, ms. */
const LEAD_MS = 150;
/** The first question reaches back so far, ms. */
const BACK_MS = 2000;
/** After an answer that is none, ms. */
const REST_MS = { first: 500, cap: 30_000 };

export class Archive {
  private busy: Promise<boolean> | null = null;
  private askedMs = -Infinity;
  private restUntilMs = -Infinity;
  private readonly backoff = new Backoff(REST_MS.first, REST_MS.cap);

  constructor(
    private readonly id: string,
    private readonly timeline: Timeline,
    private readonly get: (url: string) => Promise<Response> = (url) => fetch(url),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A frame of this capture time is on screen: those that come next had better be known. */
  follow(captureMs: number): void {
    const knownMs = this.timeline.newest?.captureMs ?? -Infinity;
    if (knownMs > captureMs + LEAD_MS || this.busy !== null) return;
    const nowMs = this.now();
    if (nowMs < this.askedMs + APART_MS || nowMs < this.restUntilMs) return;
    // From the newest known one on, so that no gap stays.
    void this.fetch(Math.max(knownMs, captureMs - BACK_MS), null);
  }

  /** Everything within so many ms of a capture time; whether the runner answered. */
  async around(captureMs: number, marginMs: number): Promise<boolean> {
    if (this.timeline.knows(captureMs, marginMs)) return true;
    await this.busy;
    return this.fetch(captureMs - marginMs, captureMs + marginMs);
  }

  private fetch(fromMs: number, toMs: number | null): Promise<boolean> {
    this.askedMs = this.now();
    const query = new URLSearchParams({ from_ms: String(fromMs) });
    if (toMs !== null) query.set("to_ms", String(toMs));
    const url = `/api/v1/streams/${encodeURIComponent(this.id)}/timeline?${query}`;
    const asked = this.ask(url).then(
      (entries) => {
        this.backoff.reset();
        this.timeline.merge(entries);
        return true;
      },
      () => {
        this.restUntilMs = this.now() + this.backoff.next();
        return false;
      },
    );
    const mine = asked.finally(() => {
      if (this.busy === mine) this.busy = null;
    });
    this.busy = mine;
    return mine;
  }

  private async ask(url: string): Promise<Entry[]> {
    const answer = await this.get(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return parseTimeline(await answer.json());
  }
}

/** The frames in an answer of `/api/v1/streams/{id}/timeline`, in order of media time. */
export function parseTimeline(json: unknown): Entry[] {
  const { spans } = fields(json, "timeline");
  if (!Array.isArray(spans)) throw new Error("timeline.spans: expected a list");
  const entries = spans.flatMap((span: unknown) => {
    const { session, seq, t_ms, media_us } = fields(span, "timeline.spans[]");
    if (typeof session !== "string" || !/^[0-9a-f]{16}$/.test(session)) {
      throw new Error("timeline.spans[].session: expected 16 hexadecimal digits");
    }
    const numbers = list(seq, "seq");
    const times = list(t_ms, "t_ms");
    const media = list(media_us, "media_us");
    if (times.length !== numbers.length || media.length !== numbers.length) {
      throw new Error(
        `timeline.spans[]: expected ${numbers.length} of each, got ${times.length} and ${media.length}`,
      );
    }
    return numbers.map((number, i): Entry => {
      const [captureMs = NaN, mediaUs = NaN] = [times[i], media[i]];
      return { session, seq: number, captureMs, mediaUs };
    });
  });
  for (let i = 1; i < entries.length; i++) {
    if ((entries[i - 1]?.mediaUs ?? NaN) >= (entries[i]?.mediaUs ?? NaN)) {
      throw new Error("timeline: expected media times that grow");
    }
  }
  return entries;
}

function fields(json: unknown, path: string): Record<string, unknown> {
  if (typeof json === "object" && json !== null) return json as Record<string, unknown>;
  throw new Error(`${path}: expected an object`);
}

function list(json: unknown, key: string): number[] {
  if (Array.isArray(json) && json.every((n) => typeof n === "number")) return json;
  throw new Error(`timeline.spans[].${key}: expected a list of numbers`);
}
