/** The video that can be scrubbed, as a bar: dragging it moves everything. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { move, offered, share, timeAt, type Span } from "../time/seekbar";
import * as format from "../format";
import type { Session } from "./session";

interface Props {
  session: Session;
  id: string;
  /** Capture times that can be sought, ms since the Unix epoch. */
  dvr: Span;
  /** Capture time of the frame on screen. */
  atMs: number;
}

export function SeekBar({ session, id, dvr, atMs }: Props) {
  const { playback } = session;
  const bar = useRef<HTMLDivElement>(null);
  /** What the bar spanned when it was grasped: it does not slide away under the pointer. */
  const held = useRef<Span | null>(null);
  /** Where the film began when it was first seen: it is not thrown away yet if it still does. */
  const first = useRef(dvr.fromMs);
  const pending = useRef<number | null>(null);
  const pointer = useSignal<number | null>(null);

  const span = held.current ?? offered(dvr, first.current, atMs);
  const targetMs = playback.mode.value.stand?.targetMs ?? null;
  const shownMs = targetMs ?? atMs;

  const placeOf = (clientX: number): number => {
    const box = bar.current?.getBoundingClientRect();
    return box === undefined || box.width === 0 ? 1 : (clientX - box.left) / box.width;
  };
  /** At most once per animation frame, however often a pointer moves. */
  const seek = (place: number): void => {
    const first = pending.current === null;
    pending.current = timeAt(span, place);
    if (!first) return;
    requestAnimationFrame(() => {
      if (pending.current !== null) playback.seek(pending.current);
      pending.current = null;
    });
  };
  const release = (): void => {
    held.current = null;
  };

  const behind = `${format.duration(Math.max(0, session.now() - shownMs))} ago`;
  const percent = (ms: number) => `${(100 * share(span, ms)).toFixed(3)}%`;
  return (
    <div
      class="seekbar"
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label={`time of ${id}`}
      aria-valuemin={0}
      aria-valuemax={Math.round((span.toMs - span.fromMs) / 100) / 10}
      aria-valuenow={Math.round(Math.max(0, shownMs - span.fromMs) / 100) / 10}
      aria-valuetext={`${format.timeOfDay(shownMs)}, ${behind}`}
      style={{ "--at": percent(shownMs) }}
      data-from-ms={String(Math.round(span.fromMs))}
      data-to-ms={String(Math.round(span.toMs))}
      data-sought-ms={targetMs === null ? "" : String(targetMs)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        held.current = span;
        event.currentTarget.setPointerCapture(event.pointerId);
        seek(placeOf(event.clientX));
      }}
      onPointerMove={(event) => {
        const place = placeOf(event.clientX);
        pointer.value = Math.min(1, Math.max(0, place));
        if (held.current !== null) seek(place);
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onPointerLeave={() => (pointer.value = null)}
      onKeyDown={(event) => {
        const asked = move(event.key, span, shownMs);
        if (asked === null) return;
        event.preventDefault();
        if (asked === "live") playback.goLive();
        else playback.seek(asked.seekMs);
      }}
    >
      <div class="seekbar-track" />
      {pointer.value !== null && (
        <output class="seekbar-time" style={{ "--at": `${(100 * pointer.value).toFixed(3)}%` }}>
          {format.timeOfDay(timeAt(span, pointer.value))}
        </output>
      )}
    </div>
  );
}
