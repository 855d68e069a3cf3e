/** How panes share the window: as large as they can be while all are in sight, else they scroll. */

export interface Layout {
  columns: number;
  /** All panes fit: rows share the height. Otherwise they have `rowPx` and the page scrolls. */
  fits: boolean;
  /** Height of a row, CSS pixels; null where panes have their own height (one column). */
  rowPx: number | null;
}

/** Smallest pane that is of use, and the gap between two, CSS pixels. */
const MIN_WIDTH = 340;
const MIN_HEIGHT = 270;
export const GAP = 10;
/** Width to height at which a pane is used best. */
const ASPECT = 1.3;

/** Lays `count` panes out in a window of CSS pixels. */
export function layout(count: number, width: number, height: number): Layout {
  let best: { columns: number; size: number } | null = null;
  const most = Math.max(1, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
  for (let columns = 1; columns <= Math.min(count, most); columns++) {
    const rows = Math.ceil(count / columns);
    const w = (width - GAP * (columns - 1)) / columns;
    const h = (height - GAP * (rows - 1)) / rows;
    if (h < MIN_HEIGHT || (columns === 1 && w < MIN_WIDTH * 1.6)) continue;
    const size = Math.min(w, h * ASPECT);
    if (best === null || size > best.size) best = { columns, size };
  }
  if (best !== null) return { columns: best.columns, fits: true, rowPx: null };
  const columns = Math.max(1, Math.min(most, Math.floor((width + GAP) / (MIN_WIDTH * 1.25 + GAP)) || 1));
  if (columns === 1) return { columns, fits: false, rowPx: null };
  const rowPx = Math.max(MIN_HEIGHT, Math.round((width - GAP * (columns - 1)) / columns / ASPECT));
  return { columns, fits: false, rowPx };
}
