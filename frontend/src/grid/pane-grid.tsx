/** The panes of the page, each in a place that can be moved and resized; on a narrow window one below the other. */
import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { arranged, automatic, type Laid } from "./arrangement";
import type { Grid } from "./grid";
import "./grid.css";
import type { Sight } from "./sight";
import { createStack, type Stack } from "./stack";

interface Props {
  grid: Grid;
  sight: Sight;
  /** What is shown, by the keys of the panes and in their order. */
  panes: ReadonlyMap<string, ComponentChildren>;
  /** Where there are none. */
  empty: ComponentChildren;
}

/** Round all panes, CSS pixels: as in the style sheet. */
const PADDING = 5;

export function PaneGrid({ grid, sight, panes, empty }: Props) {
  const scroller = useRef<HTMLElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const stack = useRef<Stack | null>(null);
  const size = useSignal({ width: innerWidth, height: innerHeight });
  const latest = useRef<{ laid: Laid | null; done: string }>({ laid: null, done: "" });

  useLayoutEffect(() => {
    const main = scroller.current;
    if (main === null) return;
    const measure = (): void => {
      // Without a scroll bar: it comes and goes with what is laid out by this.
      const { width, height } = main.getBoundingClientRect();
      const now = size.peek();
      if (width !== now.width || height !== now.height) size.value = { width, height };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(main);
    return () => observer.disconnect();
  }, []);

  const width = size.value.width - 2 * PADDING;
  const height = size.value.height - 2 * PADDING;
  const keys = [...panes.keys()];
  const { arrangement, locked } = grid;
  const free = automatic(keys, width, height);
  const laid = free === null || arrangement === null ? free : arranged(arrangement, keys, height);

  useLayoutEffect(() => {
    if (host.current === null) return;
    latest.current.laid = laid;
    if (laid === null) {
      stack.current?.dispose();
      stack.current = null;
      grid.steps.value = null;
      latest.current.done = "";
      return;
    }
    const made = (stack.current ??= createStack(host.current, (places) => {
      const { laid } = latest.current;
      if (laid !== null) grid.moved(laid, places, size.peek().height - 2 * PADDING);
    }));
    if (grid.steps.peek() === null) grid.steps.value = (key, step) => stack.current?.step(key, step);
    made.lock(locked);
    const wanted = JSON.stringify([laid.columns, laid.unitPx, [...laid.places]]);
    if (wanted === latest.current.done) return;
    latest.current.done = wanted;
    made.arrange(slots(host.current), laid);
  });
  // After they were placed: who is out of sight need not begin.
  useLayoutEffect(() => {
    if (host.current === null || scroller.current === null) return;
    sight.watch(slots(host.current), scroller.current);
  }, [keys.join("\n"), laid === null]);
  useLayoutEffect(
    () => () => {
      stack.current?.dispose();
      stack.current = null;
    },
    [],
  );

  return (
    <main
      ref={scroller}
      class={`grid ${laid?.fits === true ? "fits" : ""} ${laid === null ? "single" : ""}`}
      data-arranged={String(arrangement !== null)}
      data-locked={String(locked)}
    >
      {/* Its attributes and those of the slots, but for these, belong to who places them. */}
      <div ref={host} class="grid-stack">
        {[...panes].map(([key, pane]) => (
          <div key={key} class="slot" data-slot={key}>
            {pane}
          </div>
        ))}
      </div>
      {panes.size === 0 && empty}
    </main>
  );
}

function slots(host: HTMLElement): Map<string, HTMLElement> {
  const found = host.querySelectorAll<HTMLElement>(":scope > .slot");
  return new Map([...found].map((slot) => [slot.dataset["slot"] ?? "", slot]));
}
