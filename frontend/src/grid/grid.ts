/** How the page is laid out, remembered in this browser for every runner: places, what is hidden, and whether it is locked. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { fail, list, string, type Fields } from "../json";
import { remember, type Kind, type Memory, type Shelf } from "../memory";
import { fromJson, moved, toJson, type Arrangement, type Laid, type Place, type Step } from "./arrangement";

interface Kept {
  /** Null as long as nobody moved anything: panes share the window by themselves. */
  arrangement: Arrangement | null;
  /** Keys of panes that are not shown. */
  hidden: readonly string[];
  /** Nothing can be moved, resized or hidden by accident. */
  locked: boolean;
}

/** Panes whose being hidden is remembered: those that were hidden last. */
const MOST_HIDDEN = 256;

const KIND: Kind<Kept> = {
  name: "grid",
  version: 1,
  empty: { arrangement: null, hidden: [], locked: false },
  read: ({ arrangement, hidden, locked }) => ({
    arrangement: arrangement === null ? null : fromJson(arrangement, "arrangement"),
    hidden: list(hidden, "hidden", string).slice(-MOST_HIDDEN),
    locked: typeof locked === "boolean" ? locked : fail("locked", "true or false", locked),
  }),
  write: ({ arrangement, hidden, locked }): Fields => ({
    arrangement: arrangement === null ? null : toJson(arrangement),
    hidden,
    locked,
  }),
};

export class Grid {
  /** Moves a pane or makes it larger or smaller, as it is placed now; null where nothing can be moved. */
  readonly steps = signal<((key: string, step: Step) => void) | null>(null);
  private readonly memory: Memory<Kept>;

  constructor(address: string, shelf?: Shelf | null) {
    this.memory = remember(KIND, address, shelf);
  }

  private get kept(): ReadonlySignal<Kept> {
    return this.memory.value;
  }

  private change(change: Partial<Kept>): void {
    this.memory.keep({ ...this.kept.peek(), ...change });
  }

  get arrangement(): Arrangement | null {
    return this.kept.value.arrangement;
  }

  get locked(): boolean {
    return this.kept.value.locked;
  }

  /** Something is not as it is by itself. */
  get changed(): boolean {
    return this.arrangement !== null || this.kept.value.hidden.length > 0;
  }

  isHidden(key: string): boolean {
    return this.kept.value.hidden.includes(key);
  }

  /** Panes lie so now, in a window of this height, CSS pixels. */
  moved(laid: Laid, places: ReadonlyMap<string, Place>, height: number): void {
    this.change({ arrangement: moved(this.kept.peek().arrangement, laid, places, height) });
  }

  hide(key: string): void {
    if (this.kept.peek().locked) return;
    const others = this.kept.peek().hidden.filter((hidden) => hidden !== key);
    this.change({ hidden: [...others, key].slice(-MOST_HIDDEN) });
  }

  /** Shows a pane again, where it was. */
  show(key: string): void {
    this.change({ hidden: this.kept.peek().hidden.filter((hidden) => hidden !== key) });
  }

  lock(locked: boolean): void {
    this.change({ locked });
  }

  /** Panes share the window by themselves again, and all are shown. */
  reset(): void {
    this.change({ arrangement: null, hidden: [] });
  }
}
