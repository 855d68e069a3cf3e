/**
 * One animation frame for all charts: those in sight take turns within a common budget, and
 * whoever has nothing new costs nothing.
 */
import { Budget } from "./budget";

/** Something that draws itself now and then. */
export interface Drawer {
  /** Whether drawing would change a pixel. */
  due(): boolean;
  draw(): Promise<void>;
}

/** Part of the main thread that charts may take. */
const SHARE = 0.25;

const budget = new Budget(SHARE);
const drawers: Drawer[] = [];
let request: number | null = null;

/** Draws `drawer` whenever it is due, until the returned function is called. */
export function schedule(drawer: Drawer): () => void {
  drawers.push(drawer);
  request ??= requestAnimationFrame(turn);
  return () => {
    const index = drawers.indexOf(drawer);
    if (index >= 0) drawers.splice(index, 1);
  };
}

function turn(): void {
  request = null;
  void round().finally(() => {
    if (drawers.length > 0) request ??= requestAnimationFrame(turn);
  });
}

/** Draws the due ones in turn until the budget asks for a pause; the last drawn goes to the end. */
async function round(): Promise<void> {
  for (let left = drawers.length; left > 0; left--) {
    const start = performance.now();
    if (!budget.allows(start)) return;
    const drawer = drawers.shift();
    if (drawer === undefined) return;
    drawers.push(drawer);
    if (!drawer.due()) continue;
    await drawer.draw();
    const end = performance.now();
    budget.spent(end, end - start);
  }
}
