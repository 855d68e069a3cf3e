/** A picture that moves. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { DisplayPanel } from "../display/panel";
import { useDisplay } from "../display/use-display";
import { useExact } from "../exact/use-exact";
import { useSight } from "../grid/use-sight";
import { smoothed } from "../metrics/budget";
import type { FrameStream } from "../metrics/message";
import { release } from "../metrics/schedule";
import { RoiButton } from "../roi/button";
import type { Entry } from "../store";
import { known, latencyOf } from "../time/latency";
import { patience, truth } from "../truth";
import type { ShownFrame } from "../video/frame";
import { keep, NOTHING, type Keeper, type Showing } from "../video/keeper";
import { Picture } from "../viewport/picture";
import { SaveMenu } from "../viewport/save-menu";
import * as format from "../format";
import { Icon } from "./icon";
import { Pane } from "./pane";
import { PathSelect } from "./path-select";
import { SeekBar } from "./seek-bar";
import type { Session } from "./session";

/** A picture that came on screen this long ago is as old as it is, whatever it was when it came, ms. */
const FRESH_MS = 1000;

export function FramePane({
  session,
  entry,
  stream,
}: {
  session: Session;
  entry: Entry;
  stream: FrameStream;
}) {
  const { store, playback } = session;
  const host = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLElement>(null);
  const stamp = useRef<HTMLSpanElement>(null);
  const keeper = useRef<Keeper | null>(null);
  const shown = useSignal<ShownFrame | null>(null);
  /** Capture to screen of the frames of late, ms; moving mean. */
  const delayMs = useRef<number | null>(null);
  const latest = useRef({ stream, known: true });
  latest.current = { stream, known: entry.missingMs === null };
  const exact = useExact(session, stream, host);

  // Before the page is painted: the first picture waits for nothing.
  useLayoutEffect(() => {
    if (host.current === null) return;
    const made = keep(host.current, {
      now: () => {
        // A producer whose clock is ahead: how old its frames are is not known.
        const ahead = (latest.current.stream.delay_ms ?? 0) < 0;
        return session.synchronised() && !ahead ? session.now() : null;
      },
      expecting: () =>
        store.connection.peek() === "open" && latest.current.known && latest.current.stream.state === "live",
      firstPicture: release,
      patienceMs: () => patience(latest.current.stream.rate),
      dvr: () => {
        const { dvr } = latest.current.stream;
        return dvr === null ? null : { fromMs: dvr.from_ms, toMs: dvr.to_ms };
      },
      exact: exact.place,
    });
    keeper.current = made;
    const forget = made.onFrame((frame) => {
      const { stand } = playback.mode.peek();
      delayMs.current = stand === null ? smoothed(delayMs.current, session.now() - frame.captureMs) : null;
      shown.value = frame;
      exact.onFrame(frame);
      if (element.current !== null) mark(element.current, frame, made.skipped());
      if (stamp.current !== null) stamp.current.textContent = stampOf(frame);
    });
    const leave = playback.join(entry.key, made, {
      fps: () => latest.current.stream.rate,
      patienceMs: () => patience(latest.current.stream.rate),
    });
    return () => {
      keeper.current = null;
      forget();
      leave();
      made.dispose();
    };
  }, []);

  useSight(session.sight, entry.key, (awake) => {
    keeper.current?.asleep(!awake);
    if (!awake) playback.slept(entry.key);
  });

  const path = exact.wanted ? "exact" : session.path.value;
  useLayoutEffect(() => keeper.current?.prefer(path), [path]);

  const run = store.run.value;
  useLayoutEffect(() => {
    const { id, hls, llhls, live } = stream;
    if (run !== null && entry.missingMs === null) keeper.current?.source({ id, hls, llhls, live }, run);
  }, [stream.hls, stream.llhls, stream.live, run, entry.missingMs === null]);

  const members = (): readonly string[] => session.groups.members(stream.id);
  const display = useDisplay(stream.id, stream.display, members, session.runnerOf);
  const displayOpen = useSignal(false);
  const looked = exact.control ?? display;
  useLayoutEffect(() => {
    if (looked === null) return;
    session.displays.set(entry.key, looked);
    return () => void session.displays.delete(entry.key);
  }, [looked]);

  session.subscribeToTime(entry.key);
  const showing = keeper.current?.showing() ?? NOTHING;
  useLayoutEffect(() => exact.shows(showing));
  const { frame, dvr } = showing;
  const { stand } = playback.mode.value;
  const leads = playback.lead.value === entry.key;
  const fresh = stand === null && (showing.sinceFrameMs ?? Infinity) < FRESH_MS;
  const latency = latencyOf(frame?.captureMs ?? null, {
    synchronised: session.synchronised(),
    delayMs: stream.delay_ms,
    shownMs:
      fresh && frame !== null && delayMs.current !== null ? frame.captureMs + delayMs.current : session.now(),
  });
  const state = truth(stream, {
    connection: store.connection.value,
    known: entry.missingMs === null,
    paused: stand !== null,
    asleep: showing.asleep,
    seeking: showing.seeking && playback.moved(),
    awayMs: stand === null || frame === null ? null : away(frame.captureMs - stand.cursorMs, stream),
    shown: showing.shown,
    sinceChangeMs: showing.sinceFrameMs,
    latencyMs: known(latency),
    trouble: showing.trouble,
  });

  // An exact frame lies over the film that found it.
  const way = exact.covers ? "exact" : showing.path;
  const [height = 3, width = 4] = stream.format?.shape ?? [];
  const facts =
    stream.format === null ? format.UNKNOWN : `${format.shape(stream.format.shape)} · ${stream.format.dtype}`;
  return (
    <Pane
      session={session}
      entry={entry}
      element={element}
      data={{
        "data-path": way ?? "",
        "data-missed": String(showing.missed),
        "data-skipped": String(showing.skipped),
        "data-lead": String(leads),
      }}
      truth={state}
      latency={latency}
      facts={facts}
      rateUnit="fps"
      rateNote={rateNote(stream, showing)}
      dropsNote={dropsNote(showing)}
      controls={
        <PathSelect
          session={session}
          id={stream.id}
          path={way}
          note={showing.pathNote}
          paused={stand !== null && !exact.covers}
        />
      }
      buttons={
        <>
          <RoiButton session={session} stream={stream} pane={element} />
          <SaveMenu
            stream={stream}
            onSave={(format) => session.pictureControls.get(entry.key)?.save(format)}
          />
          {looked !== null && (
            <button
              type="button"
              title="Display: window, gamma, colours"
              aria-label={`display of ${stream.id}`}
              aria-expanded={displayOpen.value}
              onClick={() => (displayOpen.value = !displayOpen.value)}
            >
              <Icon name="contrast" />
            </button>
          )}
        </>
      }
      stamp={<span class={`fact stamp ${leads ? "leads" : ""}`} ref={stamp} title={stampNote(leads)} />}
    >
      <div class="stage" style={{ "--aspect": `${width} / ${height}`, "--ratio": String(width / height) }}>
        <Picture
          session={session}
          pane={entry.key}
          stream={stream}
          viewport={session.viewports.of(stream.id)}
          frame={() => keeper.current?.showing().frame ?? null}
          shown={shown}
          players={host}
          onDblClick={() => session.toggleMaximised(entry.key)}
        />
        {!showing.shown && <div class="placeholder" aria-hidden="true" />}
        {exact.note !== null && <p class="exact-note">{exact.note}</p>}
        {state.note !== null && <p class="note">{state.note}</p>}
        {dvr !== null && frame !== null && (
          <SeekBar session={session} id={stream.id} dvr={dvr} atMs={frame.captureMs} />
        )}
      </div>
      {looked !== null && displayOpen.value && (
        <DisplayPanel
          control={looked}
          own={exact.control !== null}
          stream={stream}
          rois={session.rois.of(stream.id).rois.value.map(({ name }) => name)}
          pane={element}
          onClose={() => (displayOpen.value = false)}
        />
      )}
    </Pane>
  );
}

/** Which frame is on screen, for whoever reads the page by program. */
function mark({ dataset }: HTMLElement, { seq, session, captureMs }: ShownFrame, skipped: number): void {
  dataset["seq"] = seq === null ? "" : String(seq);
  dataset["session"] = session ?? "";
  dataset["captureMs"] = String(captureMs);
  dataset["skipped"] = String(skipped);
}

function stampOf({ seq, captureMs }: ShownFrame): string {
  const time = format.timeOfDayMs(captureMs);
  return seq === null ? time : `#${seq} · ${time}`;
}

function stampNote(leads: boolean): string {
  const what = "number and capture time of the frame on screen";
  return leads ? `${what}, at which all charts are read` : what;
}

/** How far a paused picture is from the moment of the page, ms; null for no further than frames are apart. */
function away(ms: number, { rate }: FrameStream): number | null {
  return Math.abs(ms) > (rate !== null && rate > 0 ? 1500 / rate : 1000) ? ms : null;
}

function dropsNote({ skipped, missed }: Showing): string {
  return [
    `${format.count(skipped)} decoded and not shown by this browser`,
    `${format.count(missed)} missed by this browser, because it was too slow for them`,
  ].join("\n");
}

function rateNote(stream: FrameStream, { shownFps }: Showing): string {
  const lines = [`${format.rate(stream.rate, "fps")} produced`];
  if (shownFps !== null) lines.push(`${format.rate(shownFps, "fps")} on this screen`);
  lines.push(`${format.plural(stream.received, "frame")} received`);
  if (stream.encoder !== null) {
    lines.push(`encoder ${stream.encoder.phase}, ${format.plural(stream.encoder.encoded, "frame")} encoded`);
    lines.push(format.plural(stream.encoder.restarts, "encoder restart"));
  }
  return lines.join("\n");
}
