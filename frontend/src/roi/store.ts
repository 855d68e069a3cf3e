/**
 * The regions of one stream as the page shows them: what the runner said last, and over it what was changed here and the
 * runner has not confirmed.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { Refused } from "../ask";
import { Courier } from "../display/courier";
import { apply, together, type Edit } from "./edit";
import type { Roi, RoiList } from "./shape";

/** The runner, as far as one stream's regions go. All reject with a sentence; with `Refused` where it says no. */
export interface Runner {
  list(): Promise<RoiList>;
  add(roi: Roi): Promise<Roi>;
  /** Gives the region of this name another shape or name. */
  change(name: string, roi: Roi): Promise<Roi>;
  remove(name: string): Promise<void>;
  /** All of them by others. */
  replace(rois: readonly Roi[]): Promise<RoiList>;
}

/** At most 15 deliveries per second. */
const INTERVAL_MS = 67;
/** After a list that did not come, ms. */
const RETRY_MS = 1000;

export class RoiStore {
  private said: readonly Roi[] = [];
  private readonly shown = signal<readonly Roi[]>([]);
  private readonly refused = signal<string | null>(null);
  private readonly courier: Courier<readonly Edit[]>;
  /** Run and revision of which the runner told, and those of what it said last. */
  private told = "";
  private held = "";
  private reading = false;
  private againMs = -Infinity;
  /** Counts what the runner was asked to change. */
  private edits = 0;

  constructor(private readonly runner: Runner) {
    this.courier = new Courier<readonly Edit[]>({
      intervalMs: INTERVAL_MS,
      deliver: (edits) => this.deliver(edits),
      done: () => {
        this.show();
        this.read();
      },
      merge: together,
    });
  }

  get rois(): ReadonlySignal<readonly Roi[]> {
    return this.shown;
  }

  /** Why the last change did not come about; null when it did, or may still. */
  get refusal(): ReadonlySignal<string | null> {
    return this.refused;
  }

  /** What the runner tells everybody, again and again: which regions there are has this number in this run. */
  heard(run: string, { revision, count }: { revision: number; count: number }): void {
    this.told = `${run} ${revision}`;
    if (count > 0 || this.said.length > 0) this.read();
  }

  give(edit: Edit): void {
    this.refused.value = null;
    this.courier.give([edit]);
    this.show();
  }

  /** Something was wrong before the runner was even asked; null: that is past. */
  complain(text: string | null): void {
    this.refused.value = text;
  }

  /** Asks for what the runner has, unless that is known or about to change. */
  private read(): void {
    if (this.told === this.held || this.reading) return;
    if (this.courier.loads.length > 0 || performance.now() < this.againMs) return;
    const { told, edits } = this;
    this.reading = true;
    this.runner
      .list()
      .then(
        ({ rois }) => {
          // Of before a change that was made meanwhile.
          if (edits !== this.edits) return;
          this.said = rois;
          this.held = told;
          this.show();
        },
        () => (this.againMs = performance.now() + RETRY_MS),
      )
      .finally(() => {
        this.reading = false;
        this.read();
      });
  }

  /** What the runner said, and over it what is under way. */
  private show(): void {
    this.shown.value = this.courier.loads.flat().reduce(apply, this.said);
  }

  private async deliver(edits: readonly Edit[]): Promise<void> {
    for (const edit of edits) {
      this.edits++;
      try {
        this.said = apply(this.said, await this.ask(edit));
      } catch (error) {
        this.refused.value = error instanceof Error ? error.message : String(error);
        // Nobody is there: the others would fare no better.
        if (!(error instanceof Refused)) return;
      }
    }
  }

  /** Has the runner do it. Resolves to what it did. */
  private async ask(edit: Edit): Promise<Edit> {
    switch (edit.type) {
      case "add":
        return { ...edit, roi: await this.runner.add(edit.roi) };
      case "change":
        return { ...edit, roi: await this.runner.change(edit.name, edit.roi) };
      case "remove":
        await this.runner.remove(edit.name);
        return edit;
      case "replace":
        return { ...edit, rois: (await this.runner.replace(edit.rois)).rois };
    }
  }
}
