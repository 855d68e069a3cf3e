/** One axis of a metric pane. */
import { useEffect, useRef } from "preact/hooks";
import type { Group } from "../metrics/groups";
import { plot, type Plotter } from "../metrics/plotter";
import { roundBegan } from "../metrics/schedule";
import type { Trace } from "../store";
import type { Session } from "./session";

interface Props {
  session: Session;
  /** Key of the pane: its charts show the same time. */
  pane: string;
  group: Group;
  /** The samples of a trace that are drawn. */
  drawn: (trace: Trace) => Trace;
  /** The lowest of the pane carries the time. */
  last: boolean;
  /** Whether the unit is written here. */
  titled: boolean;
}

export function Plot({ session, pane, group, drawn, last, titled }: Props) {
  const { playback } = session;
  const host = useRef<HTMLDivElement>(null);
  const plotter = useRef<Plotter | null>(null);
  const latest = useRef({ group, last, drawn });
  latest.current = { group, last, drawn };
  useEffect(() => {
    if (host.current === null) return;
    const made = plot(host.current, {
      pane,
      traces: () => latest.current.group.traces.map(latest.current.drawn),
      look: () => {
        const look = session.theme.peek();
        const { group, last } = latest.current;
        const { places } = group;
        return {
          ...look,
          id: `${look.id} ${last} ${places.join()}`,
          timeLabels: last,
          color: (index) => look.color(places[index] ?? index),
        };
      },
      toMs: () => playback.edgeMs(roundBegan()),
      seen: () => session.sight.awake(pane),
      windowMs: () => session.store.windowS.peek() * 1000,
    });
    plotter.current = made;
    const forget = session.onMoment(() => {
      const { stand } = playback.mode.peek();
      made.point(playback.cursor.peek()?.captureMs ?? null, stand?.targetMs ?? null);
    }, pane);
    return () => {
      forget();
      made.dispose();
    };
  }, []);
  return (
    <div class={`strip ${last ? "last" : ""}`}>
      <div
        class="chart"
        data-unit={group.unit ?? ""}
        ref={host}
        onClick={(event) => {
          const atMs = plotter.current?.timeAt(event.clientX) ?? null;
          if (atMs !== null) playback.seek(atMs);
        }}
      />
      {titled && group.unit !== null && (
        <span class="unit" style={{ left: `${session.theme.value.axisWidth + 8}px` }}>
          {group.unit}
        </span>
      )}
    </div>
  );
}
