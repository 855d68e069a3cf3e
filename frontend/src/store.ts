/** What the page knows of the runner, as signals. Samples go past the signals, to the histories. */
import { computed, signal } from "@preact/signals";
import { History, pointsPerSeries } from "./metrics/history";
import type { Message, Samples, Series, Stream } from "./metrics/message";
import type { Connection } from "./metrics/socket";

/** A stream and since when the runner names it no longer. */
export interface Entry {
  key: string;
  stream: Stream;
  /** performance.now() when it was first missing; null while it is named. */
  missingMs: number | null;
}

export interface Notice {
  text: string;
  count: number;
  t_ms: number;
  source: string | null;
}

export interface Trace {
  series: Series;
  history: History;
}

/** A stream that is named no longer leaves the page after this, unless it comes back, ms. */
const FORGET_MS = 15_000;
/** Notices and events that are kept, newest first. */
const KEEP = 200;

export const WINDOWS_S = [10, 30, 60] as const;

/** `(kind, id)` as one word. */
export function keyOf(stream: Pick<Stream, "kind" | "id">): string {
  return `${stream.kind}/${stream.id}`;
}

export function createStore() {
  const connection = signal<Connection>("connecting");
  const run = signal<string | null>(null);
  const entries = signal<readonly Entry[]>([]);
  /** Key and session of dismissed streams: a new session shows the stream again. */
  const dismissed = signal<ReadonlyMap<string, string | null>>(new Map());
  /** Traces of every metric stream, in order of their numbers. */
  const traces = signal<ReadonlyMap<string, readonly Trace[]>>(new Map());
  const notices = signal<readonly Notice[]>([]);
  const windowS = signal<number>(30);
  const byId = new Map<number, Trace>();
  /** Time of the newest sample of every metric stream, ms since the Unix epoch. */
  const newest = new Map<string, number>();
  let historyMs = 60_000;

  const panes = computed(() =>
    entries.value.filter(({ key, stream }) => {
      const session = dismissed.value.get(key);
      return session === undefined || session !== stream.session || stream.state !== "ended";
    }),
  );

  const clear = (): void => {
    byId.clear();
    newest.clear();
    traces.value = new Map();
  };

  const merge = (streams: readonly Stream[], nowMs: number): void => {
    const fresh = new Map(streams.map((stream) => [keyOf(stream), stream]));
    const kept = entries.value.flatMap((entry): Entry[] => {
      const stream = fresh.get(entry.key);
      fresh.delete(entry.key);
      if (stream !== undefined) return [{ key: entry.key, stream, missingMs: null }];
      const missingMs = entry.missingMs ?? nowMs;
      return nowMs - missingMs > FORGET_MS ? [] : [{ ...entry, missingMs }];
    });
    const added = [...fresh].map(([key, stream]): Entry => ({ key, stream, missingMs: null }));
    // Pictures first, then charts; within a kind in the order in which they came.
    entries.value = [...kept, ...added].sort((a, b) => rank(a) - rank(b));
  };

  const announce = (series: readonly Series[]): void => {
    const next = new Map(traces.value);
    for (const one of series) {
      if (byId.has(one.id)) continue;
      const trace = { series: one, history: new History() };
      byId.set(one.id, trace);
      next.set(one.stream, [...(next.get(one.stream) ?? []), trace]);
    }
    traces.value = next;
  };

  const forget = (ids: readonly number[]): void => {
    const gone = new Set(ids);
    for (const id of gone) byId.delete(id);
    const kept = [...traces.value].map(
      ([stream, list]) => [stream, list.filter(({ series }) => !gone.has(series.id))] as const,
    );
    traces.value = new Map(kept.filter(([, list]) => list.length > 0));
  };

  const take = (samples: readonly Samples[], how: "append" | "replace"): void => {
    const limit = pointsPerSeries(byId.size);
    for (const { id, t, v } of samples) {
      const trace = byId.get(id);
      if (trace === undefined) continue;
      const { series, history } = trace;
      history[how](t, v, limit);
      const last = history.lastTime;
      if (last === null) continue;
      history.evict(last - historyMs);
      newest.set(series.stream, Math.max(last, newest.get(series.stream) ?? -Infinity));
    }
  };

  const note = (notice: Notice): void => {
    const others = notices.value.filter((n) => n.text !== notice.text || n.source !== notice.source);
    notices.value = [notice, ...others].slice(0, KEEP);
  };

  return {
    connection,
    run,
    entries,
    panes,
    traces,
    notices,
    windowS,
    newest: newest as ReadonlyMap<string, number>,
    /** Applies one message; `nowMs` is performance.now(). */
    receive(message: Message, nowMs: number): void {
      switch (message.type) {
        case "hello":
          // Series numbers are valid for one run.
          if (message.run !== run.value) {
            clear();
            entries.value = entries.value.map((entry) => ({ ...entry, stream: anew(entry.stream) }));
          }
          historyMs = message.history_ms;
          run.value = message.run;
          return;
        case "streams": {
          merge(message.streams, nowMs);
          return;
        }
        case "series": {
          announce(message.series);
          return;
        }
        case "forgotten": {
          forget(message.series);
          return;
        }
        case "backfill": {
          take(message.series, "replace");
          return;
        }
        case "samples": {
          take(message.series, "append");
          return;
        }
        case "missed": {
          note({
            text: "this page reads too slowly: messages were skipped and filled in",
            count: message.messages,
            t_ms: Date.now(),
            source: "page",
          });
          return;
        }
        case "event": {
          note({ text: message.text, count: 1, t_ms: message.t_ms, source: message.stream });
          return;
        }
        case "notice": {
          note(message);
          return;
        }
        case "pong":
          return;
      }
    },
    /** A message that could not be understood. */
    refused(reason: string, nowMs: number): void {
      const text = `message not understood: ${reason}`;
      const before = notices.value.find((n) => n.text === text);
      note({ text, count: (before?.count ?? 0) + 1, t_ms: nowMs, source: "page" });
    },
    /** Takes a pane away until its stream begins anew. */
    dismiss(entry: Entry): void {
      dismissed.value = new Map(dismissed.value).set(entry.key, entry.stream.session);
      if (entry.missingMs !== null) entries.value = entries.value.filter(({ key }) => key !== entry.key);
    },
  };
}

export type Store = ReturnType<typeof createStore>;

/** A stream of an earlier run, until this run says what it is. */
function anew(stream: Stream): Stream {
  const waiting = { state: "waiting", reason: null, rate: null } as const;
  return stream.kind === "frame"
    ? { ...stream, ...waiting, hls: null, llhls: null, live: null, dvr: null }
    : { ...stream, ...waiting };
}

function rank({ stream }: Entry): number {
  return stream.kind === "frame" ? 0 : 1;
}
