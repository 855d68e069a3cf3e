/** Reads pixels one after the other, the newest that is wanted next. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { Courier } from "../display/courier";
import type { Answer } from "./frames";
import { sameSpot, type Pixel, type Spot } from "./pixel";

/** Between two questions, ms. */
const EVERY_MS = 40;

export interface Read {
  spot: Spot;
  answer: Answer<Pixel>;
}

export class Reader {
  private readonly newest = signal<Read | null>(null);
  private readonly courier: Courier<Spot>;

  /** `ask` never rejects. At most one question is under way. */
  constructor(ask: (spot: Spot) => Promise<Answer<Pixel>>, intervalMs = EVERY_MS) {
    this.courier = new Courier<Spot>({
      deliver: async (spot) => {
        this.newest.value = { spot, answer: await ask(spot) };
      },
      done: () => undefined,
      merge: (_, newer) => newer,
      intervalMs,
    });
  }

  /** The newest answer; null before the first. */
  get read(): ReadonlySignal<Read | null> {
    return this.newest;
  }

  /** This is what somebody looks at now. What did not come is asked for again. */
  want(spot: Spot): void {
    const asked = this.courier.loads.at(-1) ?? null;
    if (sameSpot(spot, asked)) return;
    const known = this.newest.peek();
    if (asked === null && known?.answer.status !== "failed" && sameSpot(spot, known?.spot ?? null)) return;
    this.courier.give(spot);
  }

  dispose(): void {
    this.courier.dispose();
  }
}
