/**
 * The chart of one pane: draws when it is in sight and something changed, with the library that
 * suits the number of points.
 */
import { smoothed } from "./budget";
import { choose, create, lastTime, pointsInView, type Chart, type Renderer, type Scene } from "./chart";
import type { Look } from "./look";
import { schedule } from "./schedule";
import type { Trace } from "../store";

/** What is drawn, asked anew for every picture. */
export interface Model {
  traces(): readonly Trace[];
  look(): Look;
  /** Right edge of the window, ms since the Unix epoch. */
  toMs(): number;
  windowMs(): number;
}

/** Never more often than this, ms. */
const MIN_INTERVAL_MS = 33;
/** Pictures of a new chart whose cost is not counted: libraries are slow until they are warm. */
const WARM_UP = 12;
/** A data set that only scrolls is drawn when it moved by this much, CSS pixels. */
const MIN_SHIFT_PX = 1;

/** Draws `model` within `host` until the returned function is called. */
export function plot(host: HTMLElement, model: Model): () => void {
  let visible = false;
  let width = 0;
  let height = 0;
  let chart: Chart | null = null;
  let layer: HTMLElement | null = null;
  let identity = "";
  let building = "";
  let costMs: number | null = null;
  let vegaFailed = false;
  let pictures = 0;
  let disposed = false;
  let drawn = { atMs: 0, toMs: 0, windowMs: 0, appended: -1, width: 0, height: 0 };

  const appended = (traces: readonly Trace[]): number =>
    traces.reduce((sum, { history }) => sum + history.appended, 0);

  const build = (renderer: Renderer, traces: readonly Trace[], wanted: string): void => {
    if (building === wanted) return;
    building = wanted;
    const fresh = document.createElement("div");
    fresh.className = "chart-layer";
    host.append(fresh);
    create[renderer](fresh, model.look(), traces.length).then(
      (made) => {
        if (disposed || building !== wanted) {
          made.dispose();
          fresh.remove();
          return;
        }
        chart?.dispose();
        layer?.remove();
        chart = made;
        layer = fresh;
        identity = wanted;
        pictures = 0;
        drawn = { ...drawn, appended: -1, atMs: 0 };
        host.dataset["renderer"] = made.renderer;
      },
      (error: unknown) => {
        fresh.remove();
        building = "";
        console.warn(`chart: ${renderer} cannot be used`, error);
        if (renderer === "vega") vegaFailed = true;
      },
    );
  };

  const stop = schedule({
    due() {
      if (!visible || width < 20 || height < 20) return false;
      if (performance.now() - drawn.atMs < MIN_INTERVAL_MS) return false;
      const traces = model.traces();
      const windowMs = model.windowMs();
      return (
        appended(traces) !== drawn.appended ||
        windowMs !== drawn.windowMs ||
        width !== drawn.width ||
        height !== drawn.height ||
        Math.abs(model.toMs() - drawn.toMs) >= (windowMs / width) * MIN_SHIFT_PX
      );
    },
    async draw() {
      const start = performance.now();
      const traces = model.traces();
      const toMs = model.toMs();
      const windowMs = model.windowMs();
      const scene: Scene = {
        histories: traces.map(({ history }) => history),
        fromMs: toMs - windowMs,
        toMs,
        width,
        height,
      };
      drawn = { atMs: start, toMs, windowMs, appended: appended(traces), width, height };
      const points = pointsInView(scene.histories, scene.fromMs, toMs);
      host.dataset["points"] = String(points);
      host.dataset["lastTMs"] = String(lastTime(scene.histories) ?? "");
      if (traces.length === 0) return;

      const renderer = vegaFailed ? "uplot" : choose(chart?.renderer ?? null, points, costMs);
      const wanted = `${renderer}|${model.look().id}|${traces.map(({ series }) => series.id).join()}`;
      if (wanted !== identity) build(renderer, traces, wanted);
      // The old picture scrolls on until the new one is ready, as long as it shows the same lines.
      if (chart === null || identity.split("|")[2] !== wanted.split("|")[2]) return;
      await chart.draw(scene);
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

  return () => {
    disposed = true;
    stop();
    sight.disconnect();
    size.disconnect();
    chart?.dispose();
    host.replaceChildren();
  };
}
