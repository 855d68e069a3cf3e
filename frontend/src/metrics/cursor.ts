/** The line in a chart at the moment of the frame on screen: an element over whatever draws the chart. */

/** The window of time that a chart shows, and where in it. */
export interface Axis {
  /** ms since the Unix epoch. */
  fromMs: number;
  toMs: number;
  /** Edges of the plot area, CSS pixels. */
  leftPx: number;
  rightPx: number;
}

/** Place of a time, CSS pixels. */
export function place({ fromMs, toMs, leftPx, rightPx }: Axis, atMs: number): number {
  return leftPx + ((atMs - fromMs) / (toMs - fromMs)) * (rightPx - leftPx);
}

/** Time at a place, ms since the Unix epoch; null beside the plot area. */
export function timeAt({ fromMs, toMs, leftPx, rightPx }: Axis, px: number): number | null {
  if (!(rightPx > leftPx) || px < leftPx || px > rightPx) return null;
  return fromMs + ((px - leftPx) / (rightPx - leftPx)) * (toMs - fromMs);
}

/** A chart that is a picture behind the frame still shows the line, at its edge; part of the window. */
const OVERHANG = 0.1;

/** A vertical line within `host`. */
export class Line {
  private readonly element = document.createElement("div");
  private shown = "";

  constructor(host: HTMLElement, className: string) {
    this.element.className = className;
    this.element.hidden = true;
    host.append(this.element);
  }

  /** Moves it to a time; null, or a time out of view, hides it. */
  move(axis: Axis, atMs: number | null): void {
    const slackMs = (axis.toMs - axis.fromMs) * OVERHANG;
    const visible =
      atMs !== null && axis.toMs > axis.fromMs && atMs >= axis.fromMs && atMs <= axis.toMs + slackMs;
    const px = visible ? Math.min(axis.rightPx - 1, place(axis, atMs)) : null;
    const shown = px === null ? "" : `translateX(${px.toFixed(1)}px)`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.element.hidden = px === null;
    this.element.style.transform = shown;
  }
}
