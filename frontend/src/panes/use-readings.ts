/** What the series of a metric stream say at the moment of the page, live or long ago. */
import { useEffect, useMemo } from "preact/hooks";
import { Past, type Load, type View } from "../metrics/past";
import { roundBegan } from "../metrics/schedule";
import type { Trace } from "../store";
import { read, type Reading } from "../time/reading";
import { getText } from "./get";
import type { Session } from "./session";

export interface Readings {
  /** The samples of a trace that are drawn: the page's own, or those of then. */
  drawn: (trace: Trace) => Trace;
  /** What a trace says at the cursor. */
  readAt: (trace: Trace) => Reading | null;
  /** Why the past is not known; null when it is, or is not looked at. */
  trouble: string | null;
}

/** `pane` is the key of the pane in which they are read: nothing is asked for while it is out of sight. */
export function useReadings(session: Session, pane: string, stream: string, load: Load): Readings {
  const { store, playback } = session;
  session.subscribeToTime(pane);
  const awake = session.sight.awake(pane);
  const { stand } = playback.mode.value;
  const windowMs = store.windowS.value * 1000;
  const edgeMs = playback.edgeMs(roundBegan());
  const view: View | null =
    stand === null ? null : { fromMs: edgeMs - windowMs, toMs: edgeMs, cursorMs: stand.cursorMs };

  const run = store.run.value;
  const past = useMemo(
    () => new Past(stream, { get: getText, now: session.now, changed: session.refresh }),
    // Numbers of series are those of a run.
    [stream, run],
  );
  useEffect(() => () => past.clear(), [past]);
  useEffect(() => {
    if (view === null) past.clear();
    else if (awake) past.look(view, load);
  });

  const drawn = (trace: Trace): Trace => {
    if (view === null || (!past.covers(view) && reachesBack(trace, view))) return trace;
    const history = past.history(trace.series.id);
    return history === null ? trace : { ...trace, history };
  };
  return {
    drawn,
    readAt(trace) {
      const cursor = playback.cursor.peek();
      if (cursor === null) return newest(trace);
      const { captureMs, toleranceMs } = cursor;
      const history = past.exact(trace.series.id, captureMs) ?? drawn(trace).history;
      return read(history, captureMs, toleranceMs);
    },
    trouble: view === null ? null : past.trouble,
  };
}

/** Whether the page itself holds a trace since the beginning of a view. */
function reachesBack({ history }: Trace, { fromMs }: View): boolean {
  return history.length > 0 && history.time(0) <= fromMs;
}

function newest({ history }: Trace): Reading | null {
  const { lastTime: t, lastValue: v } = history;
  return t === null || v === null ? null : { t, v, matches: false };
}
