/** Which path to take: the fastest that can be taken here and did not fail of late. */
import { Backoff } from "../backoff";
import { obstacle, PATH_NAMES, PATHS, type Features, type Path, type Source } from "./path";

/** One failure may be bad luck. */
const STRIKES = 2;
/** A path that failed is left alone for so long, ms; longer every time. */
const REST_MS = { first: 20_000, cap: 600_000 };

interface Record {
  /** Failures in a row. */
  strikes: number;
  reason: string;
  /** When it may be tried again. */
  untilMs: number;
  backoff: Backoff;
}

export class Choice {
  private readonly records = new Map<Path, Record>();
  private preferred: Path | "auto" = "auto";

  constructor(
    private readonly features: Features,
    private readonly random: () => number = Math.random,
  ) {}

  /** What somebody wants. An earlier failure is no reason not to do what is asked for now. */
  prefer(path: Path | "auto"): void {
    this.preferred = path;
    this.records.clear();
  }

  /** Everything is as new: the runner is another one. */
  reset(): void {
    this.records.clear();
  }

  /** The path failed before it proved itself. */
  failed(path: Path, reason: string, nowMs: number): void {
    const record = this.records.get(path) ?? {
      strikes: 0,
      reason,
      untilMs: 0,
      backoff: new Backoff(REST_MS.first, REST_MS.cap, this.random),
    };
    record.reason = reason;
    record.strikes++;
    if (record.strikes >= STRIKES) record.untilMs = nowMs + record.backoff.next();
    this.records.set(path, record);
  }

  /** It worked for a good while. */
  proven(path: Path): void {
    this.records.delete(path);
  }

  /** The path to take now; null if there is none at all. */
  take(source: Source, nowMs: number): Path | null {
    const possible = this.order().filter((path) => obstacle(path, this.features, source) === null);
    const rested = possible.find((path) => !this.resting(path, nowMs));
    // Where everything failed, the most modest one is tried on.
    return rested ?? possible.at(-1) ?? null;
  }

  /** Why it is not the best one that is taken; null when it is. */
  note(taken: Path | null, source: Source, nowMs: number): string | null {
    const order = this.order();
    const better = taken !== null && order.includes(taken) ? order.slice(0, order.indexOf(taken)) : order;
    const wanted = this.preferred === "auto" ? better : better.filter((path) => path === this.preferred);
    const notes = wanted.flatMap((path) => {
      const record = this.resting(path, nowMs) ? this.records.get(path)?.reason : undefined;
      const why = obstacle(path, this.features, source) ?? record;
      return why === undefined ? [] : [`${PATH_NAMES[path]}: ${why}`];
    });
    return notes.length === 0 ? null : notes.join("; ");
  }

  private resting(path: Path, nowMs: number): boolean {
    const record = this.records.get(path);
    return record !== undefined && record.strikes >= STRIKES && nowMs < record.untilMs;
  }

  /** Best first. */
  private order(): Path[] {
    const { preferred } = this;
    return preferred === "auto" ? [...PATHS] : [preferred, ...PATHS.filter((path) => path !== preferred)];
  }
}
