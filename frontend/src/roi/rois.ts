/** The regions of all streams. A change of one is a change of all streams of its group. */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Stream } from "../metrics/message";
import { runnerOf } from "./api";
import { freeName, type Roi, type Shape } from "./shape";
import { RoiStore, type Runner } from "./store";

/** A region by its stream and its name. */
interface Selection {
  stream: string;
  name: string;
}

export class Rois {
  private readonly stores = new Map<string, RoiStore>();
  private readonly chosen = signal<Selection | null>(null);

  /** `members` are the streams of a stream's group, itself included. */
  constructor(
    private readonly members: (stream: string) => readonly string[],
    private readonly runner: (stream: string) => Runner = runnerOf,
  ) {}

  /** The region that is selected, as long as it exists. */
  readonly selection: ReadonlySignal<Selection | null> = computed(() => {
    const { value } = this.chosen;
    const exists = value !== null && this.of(value.stream).rois.value.some(({ name }) => name === value.name);
    return exists ? value : null;
  });

  /** What the runner tells everybody. */
  heard(run: string, streams: readonly Stream[]): void {
    for (const stream of streams)
      if (stream.kind === "frame" && stream.rois !== null) this.of(stream.id).heard(run, stream.rois);
  }

  of(stream: string): RoiStore {
    let store = this.stores.get(stream);
    if (store === undefined) {
      store = new RoiStore(this.runner(stream));
      this.stores.set(stream, store);
    }
    return store;
  }

  select(stream: string, name: string | null): void {
    this.chosen.value = name === null ? null : { stream, name };
    if (name === null) this.of(stream).complain(null);
  }

  /** A region of this shape, by a name that is free in all of the group; it is selected. */
  add(stream: string, shape: Shape): void {
    const stores = this.linked(stream);
    const name = freeName(new Set(stores.flatMap(({ rois }) => rois.peek().map((roi) => roi.name))));
    for (const store of stores) store.give({ type: "add", roi: { name, shape } });
    this.select(stream, name);
  }

  change(stream: string, name: string, shape: Shape): void {
    for (const store of this.having(stream, name)) store.give({ type: "change", name, roi: { name, shape } });
  }

  rename(stream: string, name: string, next: string): void {
    if (name === next) return;
    for (const store of this.having(stream, name)) {
      const shape = store.rois.peek().find((roi) => roi.name === name)?.shape;
      if (shape !== undefined) store.give({ type: "change", name, roi: { name: next, shape } });
    }
    if (this.selection.peek() === null) this.select(stream, next);
  }

  remove(stream: string, name: string): void {
    for (const store of this.having(stream, name)) store.give({ type: "remove", name });
  }

  /** These regions instead of all that there are. */
  replace(stream: string, rois: readonly Roi[]): void {
    for (const store of this.linked(stream)) store.give({ type: "replace", rois });
  }

  private linked(stream: string): RoiStore[] {
    return this.members(stream).map((member) => this.of(member));
  }

  /** Those of the group that have a region of this name. */
  private having(stream: string, name: string): RoiStore[] {
    return this.linked(stream).filter(({ rois }) => rois.peek().some((roi) => roi.name === name));
  }
}
