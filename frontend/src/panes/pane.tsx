/** The frame round a picture or a chart: its name, its truth, its buttons. */
import type { ComponentChildren } from "preact";
import type { Drops } from "../metrics/message";
import type { Entry } from "../store";
import type { Truth } from "../truth";
import * as format from "../format";
import { Icon } from "./icon";
import type { Session } from "./session";

interface Props {
  session: Session;
  entry: Entry;
  truth: Truth;
  latencyMs: number | null;
  /** Lines for the tooltip of the drops that only the page knows. */
  dropsNote?: string;
  facts: string;
  rateUnit: string;
  rateNote: string;
  children: ComponentChildren;
}

export function Pane({
  session,
  entry,
  truth,
  latencyMs,
  dropsNote,
  facts,
  rateUnit,
  rateNote,
  children,
}: Props) {
  const { stream, key } = entry;
  const drops = stream.drops.wire + stream.drops.queue + stream.drops.encoder;
  const maximised = session.maximised.value === key;
  const isPaused = session.paused.value.has(key);
  const ended = stream.state === "ended" || entry.missingMs !== null;
  return (
    <article
      class={`pane ${stream.kind} ${truth.dim ? "dim" : ""} ${maximised ? "maximised" : ""}`}
      data-kind={stream.kind}
      data-id={stream.id}
      data-state={truth.badge}
      data-fps={stream.rate === null ? "" : String(Math.round(stream.rate * 100) / 100)}
      data-drops={String(drops)}
      data-latency-ms={latencyMs === null ? "" : String(Math.round(latencyMs))}
      onPointerEnter={() => (session.hovered.value = key)}
      onPointerLeave={() => {
        if (session.hovered.value === key) session.hovered.value = null;
      }}
    >
      <header class="pane-head" onDblClick={() => session.toggleMaximised(key)}>
        <span class={`badge ${truth.badge}`} role="status">
          {truth.text}
        </span>
        <h2 title={`${stream.kind} stream ${stream.id}`}>{stream.id}</h2>
        <div class="buttons">
          {ended && (
            <button
              type="button"
              title="Dismiss"
              aria-label={`dismiss ${stream.id}`}
              onClick={() => session.dismiss(entry)}
            >
              <Icon name="close" />
            </button>
          )}
          {isPaused ? (
            <button
              type="button"
              class="golive"
              title="Go live (L)"
              onClick={() => session.setPaused(key, false)}
            >
              Go live
            </button>
          ) : (
            <button
              type="button"
              title="Pause (Space pauses all)"
              aria-label={`pause ${stream.id}`}
              onClick={() => session.setPaused(key, true)}
            >
              <Icon name="pause" />
            </button>
          )}
          <button
            type="button"
            title={maximised ? "Back to the grid (Esc)" : "Fill the window (double click; F for full screen)"}
            aria-label={maximised ? "back to the grid" : `maximise ${stream.id}`}
            onClick={() => session.toggleMaximised(key)}
          >
            <Icon name={maximised ? "shrink" : "expand"} />
          </button>
        </div>
      </header>
      {children}
      <footer class="pane-foot">
        <span class="fact" title={rateNote}>
          {format.rate(stream.rate, rateUnit)}
        </span>
        <span class={`fact ${drops > 0 ? "warn" : ""}`} title={breakdown(stream.drops, dropsNote)}>
          {format.plural(drops, "drop")}
        </span>
        <span class="fact latency" title="from capture to the screen, by the runner's clock">
          <Icon name="clock" /> {format.latency(latencyMs)}
        </span>
        <span class="fact shape" title={facts}>
          {facts}
        </span>
      </footer>
    </article>
  );
}

function breakdown({ wire, queue, encoder }: Drops, more = ""): string {
  return [
    `${format.count(wire)} never arrived at the runner`,
    `${format.count(queue)} replaced because the encoder was behind`,
    `${format.count(encoder)} inside an encoder that died`,
    ...(more === "" ? [] : [more]),
  ].join("\n");
}
