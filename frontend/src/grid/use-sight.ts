/** For who plays or draws: falls asleep and wakes with its pane. */
import { effect, untracked } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import type { Sight } from "./sight";

/** Calls `tell` at once and at every change, past the components: whoever comes into sight is not to wait for them. */
export function useSight(sight: Sight, key: string, tell: (awake: boolean) => void): void {
  useLayoutEffect(
    () =>
      effect(() => {
        const awake = sight.awake(key);
        untracked(() => tell(awake));
      }),
    [sight, key],
  );
}
