/** One axis of a metric pane. */
import { useEffect, useRef } from "preact/hooks";
import type { Group } from "../metrics/groups";
import { plot } from "../metrics/plotter";
import { roundAgeMs } from "../metrics/schedule";
import type { Session } from "./session";

interface Props {
  session: Session;
  /** Key of the pane: its charts show the same time. */
  pane: string;
  group: Group;
  /** The lowest of the pane carries the time. */
  last: boolean;
  /** Right edge for as long as the pane stands still, ms since the Unix epoch. */
  pausedAt: number | undefined;
  /** Whether the unit is written here. */
  titled: boolean;
}

export function Plot({ session, pane, group, last, pausedAt, titled }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef({ group, last, pausedAt });
  latest.current = { group, last, pausedAt };
  useEffect(() => {
    if (host.current === null) return;
    return plot(host.current, {
      pane,
      traces: () => latest.current.group.traces,
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
      toMs: () => latest.current.pausedAt ?? session.now() - roundAgeMs(),
      windowMs: () => session.store.windowS.peek() * 1000,
    });
  }, []);
  return (
    <div class={`strip ${last ? "last" : ""}`}>
      <div class="chart" data-unit={group.unit ?? ""} ref={host} />
      {titled && group.unit !== null && (
        <span class="unit" style={{ left: `${session.theme.value.axisWidth + 8}px` }}>
          {group.unit}
        </span>
      )}
    </div>
  );
}
