/**
 * The chart of one pane: draws when it is in sight and something changed, with the library that
 * suits the number of points.
 */
import { smoothed } from "./budget";
import { choose, create, lastTime, pointsInView, type Chart, type Renderer, type Scene } from "./chart";
import { Line, timeAt, type Axis } from "./cursor";
import type { History } from "./history";
import type { Look } from "./look";
import { schedule } from "./schedule";
import type { Trace } from "../store";

/** What is drawn, asked anew for every picture. */
export interface Model {
  /** Charts of one pane agree on the time that they show. */
  readonly pane: string;
  traces(): readonly Trace[];
  look(): Look;
  /** Right edge of the window, ms since the Unix epoch; the same for all charts of a round. */
  toMs(): number;
  windowMs(): number;
  /** Whether its pane is on the screen, and not behind another. */
  seen(): boolean;
}

/** Never more often than this, ms. */
const MIN_INTERVAL_MS = 33;
/** Pictures of a new chart whose cost is not counted: libraries are slow until they are warm. */
const WARM_UP = 12;
/** A data set that only scrolls is drawn when it moved by this much, CSS pixels. */
const MIN_SHIFT_PX = 1;

/** Whether charts of these identities show lines of the same series. */
function sameLines(a: string, b: string): boolean {
  return a.split("|")[2] === b.split("|")[2];
}

/** A chart that draws itself. */
export interface Plotter {
  /** Moves the line to the moment of the frame on screen, and the fainter one to the frame that is sought. */
  point(cursorMs: number | null, targetMs: number | null): void;
  /** Time at a place of the screen, ms since the Unix epoch; null beside the plot area. */
  timeAt(clientX: number): number | null;
  dispose(): void;
}

/** Draws `model` within `host` until it is disposed. */
export function plot(host: HTMLElement, model: Model): Plotter {
  let visible = false;
  let width = 0;
  let height = 0;
  let chart: Chart | null = null;
  let layer: HTMLElement | null = null;
  /** What the chart shows. */
  let shown: readonly Trace[] = [];
  let identity = "";
  let building = "";
  let costMs: number | null = null;
  let vegaFailed = false;
  let pictures = 0;
  let disposed = false;
  let drawn = { atMs: 0, toMs: 0, windowMs: 0, appended: -1, width: 0, height: 0 };
  let drawnOf: readonly History[] = [];
  const target = new Line(host, "chart-target");
  const cursor = new Line(host, "chart-cursor");
  let pointed: { cursorMs: number | null; targetMs: number | null } = { cursorMs: null, targetMs: null };

  const appended = (traces: readonly Trace[]): number =>
    traces.reduce((sum, { history }) => sum + history.appended, 0);

  const axis = (): Axis => ({
    fromMs: drawn.toMs - drawn.windowMs,
    toMs: drawn.toMs,
    leftPx: model.look().axisWidth,
    rightPx: drawn.width,
  });

  const pointOut = (): void => {
    const at = axis();
    cursor.move(at, pointed.cursorMs);
    target.move(at, pointed.targetMs);
  };

  const scene = (traces: readonly Trace[]): Scene => {
    const toMs = model.toMs();
    return {
      histories: traces.map(({ history }) => history),
      fromMs: toMs - model.windowMs(),
      toMs,
      width,
      height,
    };
  };

  const build = (renderer: Renderer, traces: readonly Trace[], wanted: string): void => {
    if (building === wanted) return;
    building = wanted;
    const fresh = document.createElement("div");
    fresh.className = "chart-layer";
    // The old picture stays in sight until the new one is drawn.
    fresh.style.visibility = "hidden";
    host.prepend(fresh);
    const outdated = (): boolean => disposed || building !== wanted;
    const make = async (): Promise<void> => {
      const made = await create[renderer](fresh, model.look(), traces.length);
      if (!outdated()) await made.draw(scene(traces));
      if (outdated()) {
        made.dispose();
        fresh.remove();
        return;
      }
      chart?.dispose();
      layer?.remove();
      fresh.style.visibility = "";
      chart = made;
      layer = fresh;
      shown = traces;
      identity = wanted;
      pictures = 0;
      drawn = { ...drawn, appended: -1, atMs: 0 };
      host.dataset["renderer"] = made.renderer;
    };
    make().catch((error: unknown) => {
      fresh.remove();
      building = "";
      console.warn(`chart: ${renderer} cannot be used`, error);
      if (renderer === "vega") vegaFailed = true;
    });
  };

  const stop = schedule({
    pane: model.pane,
    due(roundMs) {
      if (!visible || !model.seen() || width < 20 || height < 20) return false;
      if (roundMs - drawn.atMs < MIN_INTERVAL_MS) return false;
      const traces = model.traces();
      const windowMs = model.windowMs();
      return (
        appended(traces) !== drawn.appended ||
        traces.some(({ history }, index) => history !== drawnOf[index]) ||
        windowMs !== drawn.windowMs ||
        width !== drawn.width ||
        height !== drawn.height ||
        Math.abs(model.toMs() - drawn.toMs) >= (windowMs / width) * MIN_SHIFT_PX
      );
    },
    async draw(roundMs) {
      const start = performance.now();
      const traces = model.traces();
      const next = scene(traces);
      const { histories, fromMs, toMs } = next;
      const windowMs = model.windowMs();
      drawn = { atMs: roundMs, toMs, windowMs, appended: appended(traces), width, height };
      drawnOf = histories;
      const points = pointsInView(histories, fromMs, toMs);
      host.dataset["points"] = String(points);
      host.dataset["toMs"] = String(toMs);
      host.dataset["lastTMs"] = String(lastTime(histories) ?? "");
      if (traces.length === 0) return;

      const renderer = vegaFailed ? "uplot" : choose(chart?.renderer ?? null, points, costMs);
      const wanted = `${renderer}|${model.look().id}|${traces.map(({ series }) => series.id).join()}`;
      if (wanted !== identity) build(renderer, traces, wanted);
      if (chart === null) return;
      // The old picture scrolls on with its own lines until the new one is ready.
      if (sameLines(identity, wanted)) shown = traces;
      await chart.draw({ ...next, histories: shown.map(({ history }) => history) });
      pointOut();
      pictures++;
      if (chart.renderer === "vega" && pictures > WARM_UP)
        costMs = smoothed(costMs, performance.now() - start, 16);
    },
  });

  const sight = new IntersectionObserver(
    (records) => {
      visible = records.at(-1)?.isIntersecting ?? false;
    },
    { rootMargin: "80px" },
  );
  sight.observe(host);
  const size = new ResizeObserver((records) => {
    const box = records.at(-1)?.contentRect;
    width = Math.floor(box?.width ?? 0);
    height = Math.floor(box?.height ?? 0);
  });
  size.observe(host);

  return {
    point(cursorMs, targetMs) {
      pointed = { cursorMs, targetMs };
      host.dataset["cursorMs"] = cursorMs === null ? "" : String(cursorMs);
      pointOut();
    },
    timeAt: (clientX) => timeAt(axis(), clientX - host.getBoundingClientRect().left),
    dispose() {
      disposed = true;
      stop();
      sight.disconnect();
      size.disconnect();
      chart?.dispose();
      host.replaceChildren();
    },
  };
}
