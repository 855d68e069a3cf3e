/** Which streams are shown as exact pixels, remembered in this browser, and what shows them now. */
import type { Runner } from "../display/control";
import { apply, display, type Display, type Settings } from "../display/settings";
import { object, optional } from "../json";
import { remember, type Kind, type Memory, type Shelf } from "../memory";
import type { ExactPane } from "./exact-pane";
import { owned } from "./own-display";
import type { ExactPixel } from "./pixels";

/** Streams that are remembered: those that were changed last. */
const MOST = 256;

/** What is remembered of a stream. */
interface Chosen {
  /** Whether it is shown as exact pixels. */
  on: boolean;
  /** How it is looked at then; null: as everybody does. */
  settings: Settings | null;
}

type Streams = ReadonlyMap<string, Chosen>;

const KIND: Kind<Streams> = {
  name: "exact",
  version: 1,
  empty: new Map(),
  read: ({ streams }) =>
    new Map(
      Object.entries(object(streams, "streams")).map(([id, json]) => [id, chosen(json, `streams.${id}`)]),
    ),
  write: (streams) => ({ streams: Object.fromEntries(streams) }),
};

function chosen(json: unknown, path: string): Chosen {
  const { on, settings } = object(json, path);
  return { on: on === true, settings: optional(settings, `${path}.settings`, settingsOf) };
}

function settingsOf(json: unknown, path: string): Settings {
  const { window, gamma, colormap, invert, highlight } = display(json, path);
  return { window, gamma, colormap, invert, highlight };
}

export class Exacts {
  /** By the names of their streams. */
  readonly panes = new Map<string, ExactPane>();
  private readonly memory: Memory<Streams>;

  constructor(address: string, shelf?: Shelf | null) {
    this.memory = remember(KIND, address, shelf);
  }

  /** Whether this stream is to be shown as exact pixels. */
  wants(id: string): boolean {
    return this.memory.value.value.get(id)?.on ?? false;
  }

  choose(id: string, on: boolean): void {
    if (on !== this.wants(id)) this.keep(id, { settings: this.settings(id), on });
  }

  /** How it was looked at; null where that was never changed here. */
  settings(id: string): Settings | null {
    return this.memory.value.peek().get(id)?.settings ?? null;
  }

  keepSettings(id: string, settings: Settings): void {
    this.keep(id, { on: this.memory.value.peek().get(id)?.on ?? false, settings });
  }

  /**
   * Changes how a stream is looked at that is shown as exact pixels, be its pane on the screen or not. `everybody` is
   * how it is looked at elsewhere: what it begins with.
   */
  runnerOf(id: string, everybody: Display): Runner {
    const shown = this.panes.get(id)?.runner;
    if (shown) return shown;
    return {
      patch: (patch) => {
        const { shown, ...next } = owned(apply({ ...everybody, ...this.settings(id) }, patch));
        this.keepSettings(id, next);
        return Promise.resolve({ ...next, shown });
      },
      auto: () => Promise.reject(new Error("there is no frame yet")),
    };
  }

  /** A pixel of the frame on screen; null where it is not here as it was captured. */
  pixelAt(id: string, x: number, y: number): ExactPixel | null {
    return this.panes.get(id)?.screen?.pixelAt(x, y) ?? null;
  }

  private keep(id: string, chosen: Chosen): void {
    const streams = new Map(this.memory.value.peek());
    streams.delete(id);
    streams.set(id, chosen);
    this.memory.keep(new Map([...streams].slice(-MOST)));
  }
}
