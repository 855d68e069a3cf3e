/** How often values occur, and the window on them, the ends of which can be dragged. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { strip } from "./colormaps";
import {
  columns,
  endAt,
  moved,
  needed,
  occupied,
  placeOf,
  pressed,
  settle,
  stepOf,
  valueAt,
  type End,
  type Histogram,
} from "./histogram";
import type { Limits, Settings } from "./settings";

interface Props {
  id: string;
  histogram: Histogram | null;
  scale: "linear" | "log";
  settings: Settings;
  /** The window on the screen, null while nobody knows. */
  limits: Limits | null;
  /** Whether values are whole numbers. */
  whole: boolean;
  unit: string | null;
  onWindow: (limits: Limits) => void;
}

const ENDS = [
  ["min", 0, "minimum, shown black"],
  ["max", 1, "maximum, shown white"],
] as const;

export function HistogramView({ id, histogram, scale, settings, limits, whole, unit, onWindow }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const axisBefore = useRef<Limits | null>(null);
  /** The end that a pointer holds; the axis stands still meanwhile. */
  const held = useSignal<End | null>(null);
  const axis =
    held.value !== null && axisBefore.current !== null
      ? axisBefore.current
      : settle(axisBefore.current, needed(histogram === null ? null : occupied(histogram), limits));
  axisBefore.current = axis;
  const step = stepOf(axis, whole);

  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, histogram, axis, limits, scale, settings);
  });

  const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (limits === null) return;
    const box = event.currentTarget.getBoundingClientRect();
    if (box.width === 0) return;
    const place = (event.clientX - box.left) / box.width;
    held.value ??= endAt(axis, limits, place);
    onWindow(moved(limits, held.value, valueAt(axis, place, step), step));
  };
  const release = (): void => {
    held.value = null;
  };
  const percent = (value: number) => 100 * placeOf(axis, value);
  /** Also beyond the ends, percent. */
  const place = (value: number) => (100 * (value - axis[0])) / (axis[1] - axis[0]);
  const suffix = unit === null || unit === "" ? "" : ` ${unit}`;
  return (
    <div class="histogram">
      <div
        class="histogram-plot"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={(event) => {
          if (held.value !== null) drag(event);
        }}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {limits !== null &&
          ENDS.map(([end, index, name]) => (
            <div
              key={end}
              class={`histogram-end ${end}`}
              role="slider"
              tabIndex={0}
              aria-label={`${name}, of ${id}`}
              aria-valuemin={Math.min(axis[0], limits[index])}
              aria-valuemax={Math.max(axis[1], limits[index])}
              aria-valuenow={limits[index]}
              aria-valuetext={`${limits[index]}${suffix}`}
              data-end={end}
              data-beyond={String(limits[index] < axis[0] || limits[index] > axis[1])}
              style={{ left: `${percent(limits[index]).toFixed(3)}%` }}
              onKeyDown={(event) => {
                const to = pressed(event.key, event.shiftKey, limits[index], axis, step);
                if (to === null) return;
                // Arrows are the page's elsewhere.
                event.preventDefault();
                onWindow(moved(limits, end, to, step));
              }}
            />
          ))}
      </div>
      <div
        class="histogram-strip"
        aria-hidden="true"
        style={{
          backgroundImage: limits === null ? "none" : strip(settings, place(limits[0]), place(limits[1])),
        }}
      />
    </div>
  );
}

/** Bars, those outside of the window fainter, and over them the curve from black to white. */
function draw(
  canvas: HTMLCanvasElement,
  histogram: Histogram | null,
  axis: Limits,
  limits: Limits | null,
  scale: "linear" | "log",
  { gamma, invert }: Settings,
): void {
  const ratio = devicePixelRatio;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const style = getComputedStyle(canvas);
  context.clearRect(0, 0, width, height);
  const [left, right] =
    limits === null ? [0, width] : [0, 1].map((end) => placeOf(axis, limits[end === 0 ? 0 : 1]) * width);
  context.fillStyle = style.color;
  if (histogram !== null) {
    columns(histogram, axis, width, scale).forEach((part, x) => {
      if (part === 0) return;
      context.globalAlpha = x >= (left ?? 0) - 1 && x <= (right ?? width) ? 0.85 : 0.35;
      const high = Math.max(ratio, part * (height - 2 * ratio));
      context.fillRect(x, height - high, 1, high);
    });
  }
  context.globalAlpha = 1;
  if (limits === null) return;
  context.strokeStyle = style.getPropertyValue("--accent");
  context.lineWidth = 1.5 * ratio;
  context.beginPath();
  const points = Math.max(2, Math.round(width / (2 * ratio)));
  for (let index = 0; index <= points; index++) {
    const value = axis[0] + (index / points) * (axis[1] - axis[0]);
    const level = placeOf(limits, value) ** gamma;
    context.lineTo((index / points) * width, ratio + (invert ? level : 1 - level) * (height - 2 * ratio));
  }
  context.stroke();
}
