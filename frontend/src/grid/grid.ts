/** How the page is laid out, remembered in this browser for every runner: places, what is hidden, and whether it is locked. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { fail, list, string, type Fields } from "../json";
import { remember, type Kind, type Memory, type Shelf } from "../memory";
import { fromJson, moved, toJson, type Arrangement, type Laid, type Place, type Step } from "./arrangement";

interface Kept {
  /** Null as long as nobody moved anything: panes share the window by themselves. */
  arrangement: Arrangement | null;
  /** Keys of panes that somebody hid, and of those that somebody showed although they hide by themselves. */
  hidden: readonly string[];
  shown: readonly string[];
  /** Nothing can be moved, resized or hidden by accident. */
  locked: boolean;
}

/** Panes of which it is remembered whether they are hidden: those that were hidden or shown last. */
const MOST = 256;

const KIND: Kind<Kept> = {
  name: "grid",
  version: 1,
  empty: { arrangement: null, hidden: [], shown: [], locked: false },
  read: ({ arrangement, hidden, shown, locked }) => ({
    arrangement: arrangement === null ? null : fromJson(arrangement, "arrangement"),
    hidden: list(hidden, "hidden", string).slice(-MOST),
    shown: list(shown, "shown", string).slice(-MOST),
    locked: typeof locked === "boolean" ? locked : fail("locked", "true or false", locked),
  }),
  write: ({ arrangement, hidden, shown, locked }): Fields => ({
    arrangement: arrangement === null ? null : toJson(arrangement),
    hidden,
    shown,
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
    const { arrangement, hidden, shown } = this.kept.value;
    return arrangement !== null || hidden.length > 0 || shown.length > 0;
  }

  /** `quiet` is a pane that hides by itself. */
  isHidden(key: string, quiet = false): boolean {
    const { hidden, shown } = this.kept.value;
    return hidden.includes(key) || (quiet && !shown.includes(key));
  }

  /** Panes lie so now, in a window of this height, CSS pixels. */
  moved(laid: Laid, places: ReadonlyMap<string, Place>, height: number): void {
    this.change({ arrangement: moved(this.kept.peek().arrangement, laid, places, height) });
  }

  hide(key: string): void {
    if (this.kept.peek().locked) return;
    const { hidden, shown } = this.kept.peek();
    this.change({ hidden: [...without(hidden, key), key].slice(-MOST), shown: without(shown, key) });
  }

  /** Shows a pane again, where it was. */
  show(key: string): void {
    const { hidden, shown } = this.kept.peek();
    this.change({ hidden: without(hidden, key), shown: [...without(shown, key), key].slice(-MOST) });
  }

  lock(locked: boolean): void {
    this.change({ locked });
  }

  /** Panes share the window by themselves again, and what is hidden hides by itself. */
  reset(): void {
    this.change({ arrangement: null, hidden: [], shown: [] });
  }
}

function without(keys: readonly string[], key: string): string[] {
  return keys.filter((one) => one !== key);
}
