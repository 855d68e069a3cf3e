/** What all panes share: the store, the runner's clock, and what the person at the page chose. */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { look, type Look } from "../metrics/look";
import type { Stream } from "../metrics/message";
import { release } from "../metrics/schedule";
import { connect } from "../metrics/socket";
import { createStore, type Entry } from "../store";

export function createSession(url: string) {
  const store = createStore();
  const socket = connect(url, {
    connection: (state) => (store.connection.value = state),
    message: (message) => {
      store.receive(message, performance.now());
      // Charts wait for the first picture, if there is one to wait for.
      if (message.type === "streams" && !message.streams.some(plays)) release();
    },
    refused: (reason) => store.refused(reason, Date.now()),
  });

  const dark = media("(prefers-color-scheme: light)", (light) => !light);
  // As the font grows in the style sheet.
  const large = media("(min-width: 2560px)", (wide) => wide);
  const wall = media("(min-width: 3840px)", (wide) => wide);
  const theme: ReadonlySignal<Look> = computed(() =>
    look(dark.value, wall.value ? 18 / 13 : large.value ? 15 / 13 : 1),
  );
  /** Keys of panes that stand still because somebody asked for it, and since when (runner's clock, ms). */
  const paused = signal<ReadonlyMap<string, number>>(new Map());
  /** Key of the pane that fills the window. */
  const maximised = signal<string | null>(null);
  /** Key of the pane under the pointer. */
  const hovered = signal<string | null>(null);
  const help = signal(false);
  /** Counts up four times a second. */
  const tick = signal(0);
  const timer = setInterval(() => tick.value++, 250);

  const setPaused = (key: string, on: boolean): void => {
    const next = new Map(paused.value);
    if (on) next.set(key, socket.now());
    else next.delete(key);
    paused.value = next;
  };

  return {
    store,
    theme,
    paused,
    maximised,
    hovered,
    help,
    /** Whoever shows a time is shown anew four times a second, also when nothing arrives. */
    subscribeToTime: () => tick.value,
    /** The runner's clock, ms since the Unix epoch. */
    now: () => socket.now(),
    synchronised: () => socket.synchronised(),
    setPaused,
    /** Space: everything stands still, or everything goes on. */
    togglePause(): void {
      const keys = store.panes.value.map(({ key }) => key);
      const all = keys.every((key) => paused.value.has(key));
      const nowMs = socket.now();
      paused.value = all ? new Map() : new Map(keys.map((key) => [key, paused.value.get(key) ?? nowMs]));
    },
    goLive(): void {
      paused.value = new Map();
    },
    toggleMaximised(key: string): void {
      maximised.value = maximised.value === key ? null : key;
    },
    dismiss(entry: Entry): void {
      if (maximised.value === entry.key) maximised.value = null;
      store.dismiss(entry);
    },
    dispose(): void {
      clearInterval(timer);
      socket.dispose();
    },
  };
}

export type Session = ReturnType<typeof createSession>;

function plays(stream: Stream): boolean {
  return stream.kind === "frame" && stream.hls !== null;
}

function media<T>(query: string, read: (matches: boolean) => T): ReadonlySignal<T> {
  const list = matchMedia(query);
  const state = signal(read(list.matches));
  list.addEventListener("change", () => (state.value = read(list.matches)));
  return state;
}
