/**
 * One animation frame for all charts: those in sight take turns within a common budget, and
 * whoever has nothing new costs nothing.
 */
import { Budget } from "./budget";

/** Something that draws itself now and then. */
export interface Drawer {
  /** Drawers of one pane are drawn before the browser paints again, so that their times agree. */
  readonly pane: string;
  /** Whether drawing would change a pixel, in the round that began at `roundMs`. */
  due(roundMs: number): boolean;
  draw(roundMs: number): Promise<void>;
}

/** Part of the main thread that charts may take while pictures play, and while all stand still. */
const SHARE = { playing: 0.25, still: 0.75 };
/** After this much drawing the others wait for the next animation frame, ms. */
const FRAME_MS = 6;
/** Charts and their libraries wait so long for the first picture, ms after the page was opened. */
const PICTURE_FIRST_MS = 2500;

const budget = new Budget(SHARE.playing);
const drawers = new Set<Drawer>();
/** Those that had no turn in this round. */
const waiting = new Set<Drawer>();
const painted = new MessageChannel();
let heldUntilMs = PICTURE_FIRST_MS;
let request: number | null = null;
let startMs = 0;
let roundMs = 0;

/** The first picture is on screen, or there is none to wait for: charts may begin. */
export function release(): void {
  heldUntilMs = 0;
}

/** Nothing that plays could stutter: charts follow whoever scrubs. */
export function standStill(still: boolean): void {
  budget.share = still ? SHARE.still : SHARE.playing;
}

/** Draws `drawer` whenever it is due, until the returned function is called. */
export function schedule(drawer: Drawer): () => void {
  drawers.add(drawer);
  request ??= requestAnimationFrame(turn);
  return () => {
    drawers.delete(drawer);
    waiting.delete(drawer);
  };
}

function turn(): void {
  request = null;
  startMs = performance.now();
  void round(startMs).finally(() => {
    if (drawers.size > 0) request ??= requestAnimationFrame(turn);
  });
}

/**
 * When the present round of drawing began, performance.now(). Charts show one time per round: those
 * under each other agree on it although they are drawn in different frames.
 */
export function roundBegan(): number {
  return roundMs;
}

/** Goes on with the round; the next begins when everyone had a turn. */
async function round(nowMs: number): Promise<void> {
  if (nowMs < heldUntilMs || !budget.allows(nowMs)) return;
  if (waiting.size === 0) {
    roundMs = nowMs;
    for (const drawer of drawers) waiting.add(drawer);
  }
  let drew = false;
  for (const { pane } of waiting) {
    const together = [...waiting].filter((drawer) => drawer.pane === pane);
    for (const drawer of together) waiting.delete(drawer);
    const due = together.filter((drawer) => drawer.due(roundMs));
    if (due.length === 0) continue;
    drew = true;
    for (const drawer of due) await drawer.draw(roundMs);
    if (performance.now() - nowMs > FRAME_MS) break;
  }
  // What the browser does to show it is part of the cost: a message comes after the paint.
  if (drew) painted.port2.postMessage(null);
}

painted.port1.onmessage = () => {
  const nowMs = performance.now();
  budget.spent(nowMs, nowMs - startMs);
};
