/**
 * Samples of a metric stream around a moment that a person looks at: the page's own are thinned,
 * and reach back a minute. Asked of the runner while the page stands still, two requests at once at
 * most, each bounded by what memory and a network stand.
 */
import { History } from "./history";
import { parseSeries, type Samples } from "./message";

/** What is looked at; capture times, ms since the Unix epoch. */
export interface View {
  fromMs: number;
  toMs: number;
  cursorMs: number;
}

/** How much a stream has. */
export interface Load {
  /** Samples of one series per second; null when not known. */
  rate: number | null;
  /** Number of series. */
  series: number;
}

export interface World {
  /** Text of the answer to a GET of a path on the runner's host; rejects where there is none. */
  get(path: string, signal: AbortSignal): Promise<string>;
  /** The runner's clock, ms since the Unix epoch. */
  now(): number;
  /** Something new can be drawn or read. */
  changed(): void;
}

/** Samples later than this before now may still be under way, ms. */
const UNDER_WAY_MS = 500;
/** After a request that failed, ms. */
const RETRY_MS = 2000;
/** Between two requests of the same kind, ms. */
const INTERVAL_MS = 400;
/** Points of all series of a window together, and of each. */
const WINDOW_POINTS = { all: 65_536, least: 100, most: 4000 };
/** Samples of all series that a first request for a moment is to bring, and that any may. */
const MOMENT_SAMPLES = { first: 20_000, most: 200_000 };
/** How far back a moment is looked for at first, ms, and how far at most: a series may pause. */
const MOMENT_MS = { least: 20, first: 10_000, most: 600_000 };
/** How much further back when a series had nothing. */
const WIDEN = 8;

/** Part of the past that is held. */
interface Held {
  fromMs: number;
  toMs: number;
  histories: ReadonlyMap<number, History>;
}

/** Points per series of a window: the more series, the fewer. */
export function windowPoints(series: number): number {
  const { all, least, most } = WINDOW_POINTS;
  return Math.min(most, Math.max(least, Math.floor(all / Math.max(1, series))));
}

/** How far back a first request for a moment reaches, ms. */
export function momentMs({ rate, series }: Load): number {
  const perMs = ((rate ?? 1000) * Math.max(1, series)) / 1000;
  return Math.min(MOMENT_MS.first, Math.max(MOMENT_MS.least, MOMENT_SAMPLES.first / perMs));
}

/** What is held of one stream's past. */
export class Past {
  private window: Held | null = null;
  private moment: { cursorMs: number; histories: ReadonlyMap<number, History> } | null = null;
  private readonly busy = { window: false, moment: false };
  private readonly againMs = { window: 0, moment: 0 };
  private lastCursorMs = NaN;
  private abort = new AbortController();
  /** Why the newest request brought nothing; null when it did. */
  trouble: string | null = null;

  constructor(
    private readonly stream: string,
    private readonly world: World,
  ) {}

  /** Asks for what is missing; to be called some times a second while `view` is looked at. */
  look(view: View, load: Load): void {
    const nowMs = performance.now();
    const arrivedMs = this.world.now() - UNDER_WAY_MS;
    const whole = this.covers(view) || view.toMs > arrivedMs;
    if (!whole && !this.busy.window && nowMs >= this.againMs.window)
      void this.request("window", (signal) => this.readWindow(view, load, signal));
    // A cursor that moves is followed when it rests.
    const rests = view.cursorMs === this.lastCursorMs;
    this.lastCursorMs = view.cursorMs;
    const known = this.moment?.cursorMs === view.cursorMs || view.cursorMs > arrivedMs;
    if (rests && !known && !this.busy.moment && nowMs >= this.againMs.moment)
      void this.request("moment", (signal) => this.readMoment(view.cursorMs, load, signal));
  }

  /** Whether all that can be known of a view is held. */
  covers({ fromMs, toMs }: View): boolean {
    return this.window !== null && this.window.fromMs <= fromMs && this.window.toMs >= toMs;
  }

  /** Points to draw of a series; null while the page has nothing better than its own. */
  history(series: number): History | null {
    return this.window?.histories.get(series) ?? null;
  }

  /** Every sample of a series round a moment; null while it is not known. */
  exact(series: number, cursorMs: number): History | null {
    return this.moment?.cursorMs === cursorMs ? (this.moment.histories.get(series) ?? null) : null;
  }

  /** Forgets everything: the page is live. */
  clear(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.window = this.moment = this.trouble = null;
    this.busy.window = this.busy.moment = false;
    this.againMs.window = this.againMs.moment = 0;
  }

  private async request(
    kind: "window" | "moment",
    read: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { signal } = this.abort;
    this.busy[kind] = true;
    try {
      await read(signal);
      if (signal.aborted) return;
      this.trouble = null;
      this.againMs[kind] = performance.now() + INTERVAL_MS;
    } catch (error) {
      if (signal.aborted) return;
      this.trouble = error instanceof Error ? error.message : String(error);
      this.againMs[kind] = performance.now() + RETRY_MS;
    }
    this.busy[kind] = false;
    this.world.changed();
  }

  /** The window and as much again on both sides: the next look is often beside it. */
  private async readWindow({ fromMs, toMs }: View, load: Load, signal: AbortSignal): Promise<void> {
    const marginMs = toMs - fromMs;
    const nowMs = this.world.now();
    const range = { fromMs: fromMs - marginMs, toMs: Math.min(toMs + marginMs, nowMs) };
    const points = windowPoints(load.series) * 3;
    const histories = held(await this.get({ ...range, points }, signal));
    if (signal.aborted) return;
    this.window = { fromMs: range.fromMs, toMs: Math.min(range.toMs, nowMs - UNDER_WAY_MS), histories };
  }

  private async readMoment(cursorMs: number, load: Load, signal: AbortSignal): Promise<void> {
    let spanMs = momentMs(load);
    for (;;) {
      const series = await this.get({ fromMs: cursorMs - spanMs, toMs: cursorMs + UNDER_WAY_MS }, signal);
      if (signal.aborted) return;
      const count = series.reduce((sum, { t }) => sum + t.length, 0);
      const missing = series.some(({ t }) => !((t[0] ?? Infinity) <= cursorMs));
      if (!missing || spanMs >= MOMENT_MS.most || count * WIDEN > MOMENT_SAMPLES.most) {
        this.moment = { cursorMs, histories: held(series) };
        return;
      }
      spanMs *= WIDEN;
    }
  }

  private async get(
    range: { fromMs: number; toMs: number; points?: number },
    signal: AbortSignal,
  ): Promise<readonly Samples[]> {
    const query = new URLSearchParams({
      stream: this.stream,
      from: String(range.fromMs),
      to: String(range.toMs),
      ...(range.points === undefined ? {} : { points: String(range.points) }),
    });
    const answer = parseSeries(await this.world.get(`/api/v1/series?${query}`, signal));
    if (answer.status === "error") throw new Error(`series not understood: ${answer.reason}`);
    return answer.message.series;
  }
}

function held(series: readonly Samples[]): Map<number, History> {
  return new Map(
    series.map(({ id, t, v }) => {
      const history = new History();
      history.append(t, v);
      return [id, history];
    }),
  );
}
