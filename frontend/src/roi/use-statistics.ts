/** Which of the series of regions are shown, as chosen in this browser. */
import type { Session } from "../panes/session";
import type { Trace } from "../store";
import { choose, framesOf, type Choice, type Statistic } from "./statistic";

export interface Statistics {
  /** How many there are. */
  regions: number;
  chosen: Statistic;
  choose: (traces: readonly Trace[]) => Choice;
  prefer: (statistic: Statistic) => void;
  /** Frames that were not measured, because measuring was behind. */
  skipped: number;
}

/** Null for a metric stream that holds no regions. */
export function useStatistics(session: Session, metrics: string): Statistics | null {
  const frames = framesOf(metrics);
  if (frames === null) return null;
  const { store, rois, statistic } = session;
  const stream = store.entries.value.find(({ key }) => key === `frame/${frames}`)?.stream;
  if (stream?.kind !== "frame" || stream.rois === null) return null;
  const chosen = statistic.value.value;
  const names = rois.of(frames).rois.value.map(({ name }) => name);
  return {
    regions: names.length,
    chosen,
    choose: (traces) => choose(traces, chosen, names),
    prefer: (next) => statistic.keep(next),
    skipped: stream.rois.skipped,
  };
}
