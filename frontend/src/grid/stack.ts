/**
 * Panes that are moved and resized by hand: GridStack, which places the elements that it is given and makes others give
 * way. Only this file knows it. The elements stay where they are in the document: what plays in them plays on.
 */
import { GridStack, type GridStackNode } from "gridstack";
import { LEAST, stepped, type Laid, type Place, type Step } from "./arrangement";

export interface Stack {
  /** Places the elements of panes, by their keys; nothing else stays. */
  arrange(elements: ReadonlyMap<string, HTMLElement>, laid: Laid): void;
  /** Whether anything can be moved by hand. */
  lock(locked: boolean): void;
  /** Moves a pane, or makes it larger or smaller; others give way. */
  step(key: string, step: Step): void;
  /** Leaves the elements without places. */
  dispose(): void;
}

/** Between a pane and the edge of its place, CSS pixels: half the gap between two. */
const MARGIN_PX = 5;

/** `moved` is told where everything lies whenever somebody moved something. */
export function createStack(host: HTMLElement, moved: (places: ReadonlyMap<string, Place>) => void): Stack {
  const made = GridStack.init(
    {
      auto: false,
      animate: false,
      cellHeight: 100,
      column: 1,
      draggable: { handle: ".pane-head", appendTo: "parent", scroll: true },
      margin: MARGIN_PX,
      resizable: { autoHide: false, handles: "e,s,se" },
    },
    host,
  );
  if (made === null) throw new Error("there is nothing to place panes in");
  const grid = made;
  /** What is to be placed when nothing is dragged any more. */
  let postponed: (() => void) | null = null;
  let acting = false;

  const places = (): Map<string, Place> =>
    new Map(grid.engine.nodes.map((node) => [node.id ?? "", placeOf(node)]));
  let before = "";
  const finished = (): void => {
    acting = false;
    const now = places();
    const changed = JSON.stringify([...now]) !== before;
    // What came meanwhile was not placed and is not known here: it is placed with what was moved.
    postponed?.();
    postponed = null;
    if (changed) moved(now);
  };
  grid.on("dragstart resizestart", () => {
    acting = true;
    before = JSON.stringify([...places()]);
  });
  grid.on("dragstop resizestop", finished);

  const place = (places: ReadonlyMap<string, Place>): void => {
    grid.load(
      [...places].map(([id, place]) => ({ id, ...place })),
      false,
    );
  };

  const arrange = (elements: ReadonlyMap<string, HTMLElement>, { columns, unitPx, places }: Laid): void => {
    for (const { el } of [...grid.engine.nodes]) {
      if (el !== undefined && ![...elements.values()].includes(el)) grid.removeWidget(el, false, false);
    }
    grid.batchUpdate();
    grid.column(columns, "none");
    grid.cellHeight(unitPx);
    for (const [id, element] of elements) {
      grid.makeWidget(element, { ...places.get(id), id, minW: LEAST, minH: LEAST });
    }
    grid.batchUpdate(false);
    place(places);
  };

  return {
    arrange(elements, laid) {
      if (acting) postponed = () => arrange(elements, laid);
      else arrange(elements, laid);
    },
    lock: (locked) => void grid.setStatic(locked),
    step(key, step) {
      if (acting) return;
      const now = places();
      before = JSON.stringify([...now]);
      place(stepped(now, key, step, grid.getColumn()));
      finished();
    },
    dispose: () => void grid.destroy(false),
  };
}

function placeOf({ x = 0, y = 0, w = 1, h = 1 }: GridStackNode): Place {
  return { x, y, w, h };
}
