/** Where a panel goes beside its pane: it hides the picture only where there is no other room. Pure. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Between the panel and what it stands beside, pixels. */
const GAP = 8;

/** The upper left corner of a panel of this size, in pixels of the window; `below` is what of the pane stays free. */
export function placement(pane: Box, below: number, panel: Size, view: Size): Pick<Box, "left" | "top"> {
  const beside = [pane.right + GAP, pane.left - GAP - panel.width];
  const fits = (left: number) => left >= GAP && left + panel.width + GAP <= view.width;
  const left = beside.find(fits) ?? pane.right - GAP - panel.width;
  const top = fits(beside[0] ?? 0) || fits(beside[1] ?? 0) ? pane.top : below + GAP;
  return {
    left: between(GAP, left, view.width - GAP - panel.width),
    top: between(GAP, top, view.height - GAP - panel.height),
  };
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
