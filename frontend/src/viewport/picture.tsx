/** A picture in its box: the part of it that is looked at, and layers over it. */
import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { RoiLayer } from "../roi/layer";
import type { ShownFrame } from "../video/frame";
import type { PictureControl } from "./control";
import { magnification, pixelAt, toFrame } from "./geometry";
import { listenToGestures, zoomAbout, type Point } from "./gestures";
import type { LayerProps } from "./layer";
import { Probe, type Place } from "./probe";
import { ScaleBar } from "./scale-bar";
import { save, type Saved } from "./snapshot";
import { useSize } from "./use-size";
import { ZoomBar } from "./zoom-bar";
import "./viewport.css";

/** A pixel of the frame that has at least so many pixels of the screen along each side is drawn as a square. */
const CRISP = 2;
/** What became of a file is told for so long, ms. */
const SAID_MS = 6000;

interface Props extends LayerProps {
  /** Key of the pane. */
  pane: string;
  /** Where players are put. */
  players: RefObject<HTMLDivElement | null>;
  /** The newest frame on screen, told as soon as it is. */
  shown: ReadonlySignal<ShownFrame | null>;
  onDblClick: () => void;
}

export function Picture({ pane, players, shown, onDblClick, ...layer }: Props) {
  const { session, stream, viewport, frame } = layer;
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const pointer = useSignal<Point | null>(null);
  const picked = useSignal<Place | null>(null);
  const said = useSignal<Saved | null>(null);

  const [height = 3, width = 4] = stream.format?.shape ?? [];
  useLayoutEffect(() => viewport.resize(width, height), [viewport, width, height]);

  const placeOf = ({ clientX, clientY }: Point): Place | null => {
    const at = element.current?.getBoundingClientRect();
    if (at === undefined || at.width === 0) return null;
    return pixelAt(viewport.frame.value, toFrame(at, viewport.region.value, clientX, clientY));
  };
  const hovered = useComputed(() => {
    // What is under the pointer changes with the layout, too.
    const laidOut = size.value.width > 0;
    return laidOut && pointer.value !== null ? placeOf(pointer.value) : null;
  });
  /** Picks a pixel, or none any more if that is, within `slop` CSS pixels, the one that was picked. */
  const pick = (place: Place | null, slop = 0): void => {
    const before = picked.peek();
    const pixels = slop / magnification(size.peek(), viewport.region.peek());
    const again =
      before !== null && place !== null && Math.hypot(place.x - before.x, place.y - before.y) <= pixels;
    picked.value = again ? null : place;
  };

  useEffect(() => {
    if (element.current === null) return;
    return listenToGestures(element.current, viewport, {
      hover: (point) => (pointer.value = point),
      pick: (point, slop) => pick(placeOf(point), slop),
    });
  }, [viewport]);

  const control: PictureControl = {
    zoom(factor) {
      const at = element.current;
      if (at === null) return;
      const { left, top, width, height } = at.getBoundingClientRect();
      const middle = { clientX: left + width / 2, clientY: top + height / 2 };
      zoomAbout(at, viewport, pointer.peek() ?? middle, factor);
    },
    reset: () => viewport.reset(),
    pick: () => pick(hovered.peek()),
    save: (format) => void save(stream.id, frame(), format).then((saved) => (said.value = saved)),
  };
  useLayoutEffect(() => {
    session.pictureControls.set(pane, control);
  });
  useLayoutEffect(() => () => void session.pictureControls.delete(pane), []);
  useEffect(() => {
    if (said.value === null) return;
    const timer = setTimeout(() => (said.value = null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said.value]);

  const { x, y } = viewport.region.value;
  const frameSize = viewport.frame.value;
  const box = size.value;
  const crisp = magnification(box, viewport.region.value) * devicePixelRatio >= CRISP;
  return (
    <div
      ref={element}
      class="picture"
      data-zoomed={String(viewport.zoomed)}
      data-crisp={String(crisp)}
      style={{
        "--pad-x": String(padded(width) / width),
        "--pad-y": String(padded(height) / height),
        "--zoom": String(viewport.zoom),
        "--left": String(x / frameSize.width),
        "--top": String(y / frameSize.height),
      }}
      onDblClick={onDblClick}
    >
      <div class="players" ref={players} />
      <div class="layers">
        <RoiLayer {...layer} />
        <ScaleBar {...layer} box={box} />
        <Probe {...layer} pane={pane} shown={shown} hovered={hovered} picked={picked} box={box} />
        <ZoomBar id={stream.id} viewport={viewport} onZoom={(factor) => control.zoom(factor)} />
        {said.value !== null && (
          <p class="said" role="status" data-state={said.value.state} title={said.value.note}>
            {said.value.words}
          </p>
        )}
      </div>
    </div>
  );
}

/** Video has even sides: an odd one is padded by a line that is not shown. */
function padded(side: number): number {
  return side + (side % 2);
}
