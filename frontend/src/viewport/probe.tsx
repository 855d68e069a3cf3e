/** What the pixel under the pointer, or one that was picked, was captured as. */
import { useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { FrameStream } from "../metrics/message";
import type { Session } from "../panes/session";
import type { ShownFrame } from "../video/frame";
import { pixelOf } from "./frames";
import { magnification, toBox } from "./geometry";
import type { LayerProps } from "./layer";
import { identity, written } from "./pixel";
import { Reader, type Read } from "./reader";
import { tell, type Told } from "./told";
import type { Region, Size } from "./viewport";

/** Column and row of a pixel, frame pixels. */
export interface Place {
  x: number;
  y: number;
}

interface Props extends LayerProps {
  /** Key of the pane. */
  pane: string;
  /** The newest frame on screen, told as soon as it is. */
  shown: ReadonlySignal<ShownFrame | null>;
  /** The pixel under the pointer. */
  hovered: ReadonlySignal<Place | null>;
  /** The one that was picked. */
  picked: ReadonlySignal<Place | null>;
  box: Size;
}

export function Probe({ pane, session, stream, viewport, frame, shown, hovered, picked, box }: Props) {
  const reader = useMemo(() => new Reader((spot) => pixelOf(stream.id, spot)), [stream.id]);
  useEffect(() => () => reader.dispose(), [reader]);
  const told = useSignal<Told | null>(null);
  useSignalEffect(() => {
    const place = hovered.value ?? picked.value;
    if (place === null) {
      told.value = null;
      return;
    }
    // Anew with every frame, and now and then: the number of a frame may become known after the frame.
    session.subscribeToTime(pane);
    const read = reader.read.value;
    const newest = identity(shown.value === null ? null : frame());
    const paused = session.playback.mode.value.stand !== null;
    const here = readHere(session, stream, place);
    if (here === null && newest !== null) reader.want({ ...newest, ...place });
    told.value = tell(place, newest, paused, here ?? read);
  });

  const region = viewport.region.value;
  return (
    <>
      {picked.value !== null && <Mark place={picked.value} box={box} region={region} kind="picked" />}
      {hovered.value !== null && magnification(box, region) >= 8 && (
        <Mark place={hovered.value} box={box} region={region} kind="hovered" />
      )}
      {told.value !== null && <Readout told={told.value} low={isHigh(told.value.place, region)} />}
    </>
  );
}

/** What a picture of exact pixels knows by itself: nobody needs to be asked. */
function readHere(session: Session, { id, format }: FrameStream, { x, y }: Place): Read | null {
  const exact = session.exacts.pixelAt(id, x, y);
  const frame = identity(exact?.frame ?? null);
  if (exact === null || frame === null) return null;
  const spot = { ...frame, x, y };
  const { values, dtype } = exact;
  return { spot, answer: { status: "read", read: { ...spot, values, dtype, unit: format?.unit ?? null } } };
}

function Readout({ told, low }: { told: Told; low: boolean }) {
  const { place, state, spot, pixel, words } = told;
  return (
    <output
      class="probe"
      data-state={state}
      data-low={String(low)}
      data-x={String(place.x)}
      data-y={String(place.y)}
      data-session={spot?.session ?? ""}
      data-seq={spot === null ? "" : String(spot.seq)}
      data-value={pixel === null ? "" : pixel.values.join(" ")}
      title={told.note}
    >
      <span class="probe-place">
        {place.x}, {place.y}
      </span>
      <b>{pixel === null ? words : written(pixel)}</b>
      {pixel !== null && <span class="probe-frame">#{pixel.seq}</span>}
    </output>
  );
}

/** Round one pixel, which is seen however small it is. */
function Mark({ place, box, region, kind }: { place: Place; box: Size; region: Region; kind: string }) {
  const { left, top } = toBox(box, region, place.x + 0.5, place.y + 0.5);
  const side = `${Math.max(kind === "picked" ? 9 : 0, magnification(box, region)).toFixed(2)}px`;
  return (
    <i
      class={`probe-mark ${kind}`}
      style={{ left: `${left.toFixed(2)}px`, top: `${top.toFixed(2)}px`, width: side, height: side }}
    />
  );
}

/** What is read stands above; a pixel that would be below it has it at the bottom. */
function isHigh({ x, y }: Place, region: Region): boolean {
  return y < region.y + region.height * 0.25 && x < region.x + region.width * 0.75;
}
