/** The frame round a picture or a chart: its name, its truth, its buttons. */
import type { ComponentChildren, Ref } from "preact";
import type { Drops } from "../metrics/message";
import { PaneMenu } from "../grid/pane-menu";
import { GroupTag } from "../groups/group-choice";
import type { Entry } from "../store";
import type { Truth } from "../truth";
import { known, type Latency } from "../time/latency";
import * as format from "../format";
import { Icon } from "./icon";
import type { Session } from "./session";

interface Props {
  session: Session;
  entry: Entry;
  truth: Truth;
  latency: Latency;
  /** Lines for the tooltip of the drops that only the page knows. */
  dropsNote?: string;
  /** What can be chosen for this pane alone. */
  controls?: ComponentChildren;
  /** Buttons of this kind of pane, before those of every pane. */
  buttons?: ComponentChildren;
  /** Which moment is shown. */
  stamp?: ComponentChildren;
  /** The element of the pane, for those who write into its data attributes themselves. */
  element?: Ref<HTMLElement>;
  /** Further data attributes. */
  data?: Readonly<Record<`data-${string}`, string>>;
  facts: string;
  rateUnit: string;
  rateNote: string;
  children: ComponentChildren;
}

export function Pane({
  session,
  entry,
  truth,
  latency,
  dropsNote,
  controls,
  buttons,
  stamp,
  element,
  data,
  facts,
  rateUnit,
  rateNote,
  children,
}: Props) {
  const { stream, key } = entry;
  const drops = stream.drops.wire + stream.drops.queue + stream.drops.encoder;
  const maximised = session.maximised.value === key;
  const { playback } = session;
  const isPaused = playback.mode.value.stand !== null;
  const latencyMs = known(latency);
  const ended = stream.state === "ended" || entry.missingMs !== null;
  return (
    <article
      ref={element ?? null}
      class={`pane ${stream.kind} ${truth.dim ? "dim" : ""} ${maximised ? "maximised" : ""}`}
      data-kind={stream.kind}
      data-id={stream.id}
      data-state={truth.badge}
      data-fps={stream.rate === null ? "" : String(Math.round(stream.rate * 100) / 100)}
      data-drops={String(drops)}
      data-latency-ms={latencyMs === null ? "" : String(Math.round(latencyMs))}
      data-mode={isPaused ? "paused" : "live"}
      {...data}
      onPointerDown={() => playback.touch(key)}
      onFocusIn={() => playback.touch(key)}
      onPointerEnter={() => (session.hovered.value = key)}
      onPointerLeave={() => {
        if (session.hovered.value === key) session.hovered.value = null;
      }}
    >
      <header class="pane-head" onDblClick={() => session.toggleMaximised(key)}>
        <span class={`badge ${truth.badge}`} role="status">
          <Words text={truth.text} />
        </span>
        <h2 title={`${stream.kind} stream ${stream.id}`}>{stream.id}</h2>
        {stream.kind === "frame" && <GroupTag session={session} id={stream.id} />}
        {controls}
        <div class="buttons">
          {buttons}
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
              aria-label="go live"
              onClick={() => playback.goLive()}
            >
              <Icon name="play" />
              <span>Go live</span>
            </button>
          ) : (
            <button
              type="button"
              title="Pause everything (Space)"
              aria-label={`pause at ${stream.id}`}
              onClick={() => playback.pause()}
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
          <PaneMenu session={session} entry={entry} />
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
        <span class="fact latency" title={latencyNote(latency)}>
          <Icon name="clock" /> {latencyMs === null ? "unknown" : format.latency(latencyMs)}
        </span>
        {stamp}
        <span class="fact shape" title={facts}>
          {facts}
        </span>
      </footer>
    </article>
  );
}

/** A state, and what follows it where there is room. */
function Words({ text }: { text: string }) {
  const [state = "", ...details] = text.split(" · ");
  if (details.length === 0) return <>{state}</>;
  return (
    <>
      {state}
      <span class="detail">{` · ${details.join(" · ")}`}</span>
    </>
  );
}

function latencyNote(latency: Latency): string {
  const what = "from capture to the screen, by the runner's clock";
  return "unknown" in latency ? `${what}: unknown, because ${latency.unknown}` : what;
}

function breakdown({ wire, queue, encoder }: Drops, more = ""): string {
  return [
    `${format.count(wire)} never arrived at the runner`,
    `${format.count(queue)} replaced because the encoder was behind`,
    `${format.count(encoder)} inside an encoder that died`,
    ...(more === "" ? [] : [more]),
  ].join("\n");
}
