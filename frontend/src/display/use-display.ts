/** The display of a stream as long as its pane is there, and its histogram as long as somebody sees it. */
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import { histogramOf, runnerOf } from "./api";
import { Control, type Runner } from "./control";
import type { Histogram } from "./histogram";
import { linked } from "./linked";
import type { Display } from "./settings";

/** Bins of a histogram: about as many as it has pixels. */
const BINS = 256;
/** Between two histograms, and after one that did not come, ms. */
const EVERY_MS = 250;
const RETRY_MS = 1000;

/**
 * Null while the runner does not say how the stream is looked at. `members` are those whose display is changed along, as
 * `memberOf` does it.
 */
export function useDisplay(
  id: string,
  display: Display | null,
  members: () => readonly string[],
  memberOf: (id: string) => Runner,
): Control | null {
  const control = useMemo(
    () =>
      display === null
        ? null
        : new Control(
            display,
            linked(id, members, (one) => (one === id ? runnerOf : memberOf)(one)),
          ),
    [id, display === null],
  );
  useLayoutEffect(() => {
    if (display !== null) control?.heard(display);
  }, [control, display]);
  useEffect(() => () => control?.dispose(), [control]);
  return control;
}

/** The newest histogram, or why there is none. */
export type Counted = { histogram: Histogram; trouble: null } | { histogram: null; trouble: string | null };

export function useHistogram(id: string, seen: boolean): ReadonlySignal<Counted> {
  const counted = useSignal<Counted>({ histogram: null, trouble: null });
  useEffect(() => {
    if (!seen) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const again = (ms: number): void => {
      if (!over) timer = setTimeout(() => void count(), ms);
    };
    const count = async (): Promise<void> => {
      if (document.hidden) {
        again(EVERY_MS);
        return;
      }
      try {
        const histogram = await histogramOf(id, BINS);
        counted.value = { histogram, trouble: null };
        again(EVERY_MS);
      } catch (error) {
        counted.value = { histogram: null, trouble: error instanceof Error ? error.message : String(error) };
        again(RETRY_MS);
      }
    };
    void count();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id, seen]);
  return counted;
}
