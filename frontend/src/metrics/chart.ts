/** What a pane knows of the library that draws its lines. */
import type { History } from "./history";
import type { Look } from "./look";

export type Renderer = "vega" | "uplot";

/** One picture of a chart: what to draw, over which window of time, how large. */
export interface Scene {
  histories: readonly History[];
  /** Milliseconds since the Unix epoch. */
  fromMs: number;
  toMs: number;
  /** CSS pixels. */
  width: number;
  height: number;
}

/** A drawn chart. Everything it created is undone by `dispose`. */
export interface Chart {
  readonly renderer: Renderer;
  draw(scene: Scene): Promise<void>;
  dispose(): void;
}

/** Makes a chart of `seriesCount` lines within an element. */
export type CreateChart = (element: HTMLElement, look: Look, seriesCount: number) => Promise<Chart>;

/** Both libraries come when they are first needed: the first picture waits for neither. */
export const create: Record<Renderer, CreateChart> = {
  vega: async (...args) => (await import("./vega")).create(...args),
  uplot: async (...args) => (await import("./uplot")).create(...args),
};

/** Points in view up to which Vega-Lite keeps up, and from which it is worth going back to it. */
const VEGA_POINTS = 1000;
const VEGA_POINTS_AGAIN = 700;
/** An update that takes longer is too much for Vega-Lite on this machine, milliseconds. */
const VEGA_COST_MS = 25;

/**
 * Which library draws next: Vega-Lite while few points are in view and it is quick enough, uPlot
 * beyond. `costMs` is what an update takes, null while that is not known.
 */
export function choose(current: Renderer | null, points: number, costMs: number | null): Renderer {
  if (current === "vega") return points > VEGA_POINTS || (costMs ?? 0) > VEGA_COST_MS ? "uplot" : "vega";
  if (current === "uplot")
    return points <= VEGA_POINTS_AGAIN && (costMs ?? 0) <= VEGA_COST_MS ? "vega" : "uplot";
  return points > VEGA_POINTS ? "uplot" : "vega";
}

/** How many points of these series are in view. */
export function pointsInView(histories: readonly History[], fromMs: number, toMs: number): number {
  let points = 0;
  for (const history of histories) points += history.indexAt(toMs) - history.indexAt(fromMs);
  return points;
}

/** Time of the newest point of all, ms since the Unix epoch. */
export function lastTime(histories: readonly History[]): number | null {
  let last: number | null = null;
  for (const history of histories) {
    const t = history.lastTime;
    if (t !== null && (last === null || t > last)) last = t;
  }
  return last;
}
