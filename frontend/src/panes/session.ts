/** What all panes share: the store, the runner's clock, the page's time, and what the person at the page chose. */
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { runnerOf } from "../display/api";
import type { Control, Runner } from "../display/control";
import { PLAIN } from "../display/settings";
import { Exacts } from "../exact/exacts";
import { Grid } from "../grid/grid";
import { Sight } from "../grid/sight";
import { Groups } from "../groups/groups";
import { LinkedViewports } from "../groups/viewports";
import { look, type Look } from "../metrics/look";
import type { Stream } from "../metrics/message";
import { release, standStill } from "../metrics/schedule";
import { connect } from "../metrics/socket";
import * as memory from "../memory";
import { Rois } from "../roi/rois";
import { framesOf, KEPT as STATISTIC } from "../roi/statistic";
import type { Tool } from "../roi/tool";
import { createStore, type Entry } from "../store";
import { belongs } from "../time/frames";
import { createPlayback } from "../time/playback";
import type { PictureControl } from "../viewport/control";
import { recall, remember, type Preference } from "./preference";

export function createSession(url: string) {
  const store = createStore();
  const socket = connect(url, {
    connection: (state) => (store.connection.value = state),
    message: (message) => {
      store.receive(message, performance.now());
      // Charts wait for the first picture, if there is one to wait for.
      if (message.type === "streams" && !message.streams.some(plays)) release();
      if (message.type === "streams") rois.heard(store.run.peek() ?? "", message.streams);
      if (message.type === "samples" || message.type === "backfill") {
        playback.samplesCame();
        fresh.value++;
      }
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
  const playback = createPlayback({
    now: () => socket.now(),
    windowMs: () => store.windowS.peek() * 1000,
    knownMs(fps) {
      let known: number | null = null;
      for (const { stream } of store.entries.peek()) {
        if (stream.kind !== "metric" || stream.state !== "live" || !belongs(stream.rate, fps)) continue;
        const newest = store.newest.get(stream.id);
        if (newest !== undefined) known = Math.min(known ?? Infinity, newest);
      }
      return known;
    },
  });
  const forget = effect(() => standStill(playback.mode.value.stand !== null));
  /** Counts up with all that may change what is read at the cursor, but the cursor. */
  const fresh = signal(0);
  /** How pictures come to this screen, if that is possible. */
  const path = signal(recall());
  /** Key of the pane that fills the window. */
  const maximised = signal<string | null>(null);
  /** Key of the pane under the pointer. */
  const hovered = signal<string | null>(null);
  const help = signal(false);
  /** How streams are looked at, by the keys of their panes. */
  const displays = new Map<string, Control>();
  /** What can be done to pictures, by the keys of their panes. */
  const pictureControls = new Map<string, PictureControl>();
  /** Pictures on the page by the names of their streams, in their order. */
  const pictures = computed(
    () =>
      new Map(
        store.entries.value.flatMap(({ stream }) => (stream.kind === "frame" ? [[stream.id, stream]] : [])),
      ),
  );
  const { host } = new URL(url);
  const grid = new Grid(host);
  const sight = new Sight(maximised);
  /** What is measured of whole frames needs no pane until somebody asks for it, or draws a region. */
  const isHidden = ({ key, stream }: Entry): boolean => {
    const frames = stream.kind === "metric" ? framesOf(stream.id) : null;
    return grid.isHidden(key, frames !== null && (pictures.value.get(frames)?.rois?.count ?? 0) === 0);
  };
  const exacts = new Exacts(host);
  const isExact = (id: string): boolean => exacts.wants(id) || path.value === "exact";
  const groups = new Groups(() => [...pictures.value.keys()], host);
  const viewports = new LinkedViewports(groups, (id) => {
    const [height, width] = pictures.value.get(id)?.format?.shape ?? [];
    return width === undefined || height === undefined ? null : { width, height };
  });
  const rois = new Rois((id) => groups.members(id));
  /** Of regions, in all charts. */
  const statistic = memory.remember(STATISTIC, host);
  /** What a pointer does in pictures. */
  const tool = signal<Tool>("pointer");
  /** Counts up four times a second. */
  const tick = signal(0);
  const timer = setInterval(() => {
    playback.tick();
    tick.value++;
  }, 250);

  return {
    store,
    theme,
    playback,
    path,
    maximised,
    hovered,
    help,
    displays,
    pictureControls,
    /** Where panes are. */
    grid,
    /** Whether a pane is not shown, by itself or because somebody hid it. */
    isHidden,
    /** Which of them are on the screen. */
    sight,
    /** Which streams are shown as exact pixels. */
    exacts,
    /** Whether this one is to be. */
    isExact,
    /** Changes how a stream is looked at on this page: here alone if it is shown as exact pixels, else for everybody. */
    runnerOf: (id: string): Runner =>
      untracked(() => isExact(id))
        ? exacts.runnerOf(id, pictures.peek().get(id)?.display ?? PLAIN)
        : runnerOf(id),
    /** Streams that are looked at together. */
    groups,
    /** Which part of their frames is looked at. */
    viewports,
    rois,
    statistic,
    tool,
    /** Whoever shows a time is shown anew four times a second, also when nothing arrives; in a pane, while it is seen. */
    subscribeToTime: (pane?: string) => (pane === undefined || sight.awake(pane) ? tick.value : 0),
    /**
     * Calls `listener` now and whenever the cursor moves or what is read there may have changed; in a pane, while it is
     * seen.
     */
    onMoment: (listener: () => void, pane?: string): (() => void) =>
      effect(() => {
        if (pane !== undefined && !sight.awake(pane)) return;
        subscribe(playback.cursor, playback.mode, fresh);
        untracked(listener);
      }),
    /** Something can be read at the cursor that could not before. */
    refresh: () => {
      fresh.value++;
    },
    /** The runner's clock, ms since the Unix epoch. */
    now: () => socket.now(),
    synchronised: () => socket.synchronised(),
    prefer(chosen: Preference): void {
      path.value = chosen;
      remember(chosen);
    },
    toggleMaximised(key: string): void {
      maximised.value = maximised.value === key ? null : key;
    },
    /** Takes a pane from the page, until somebody shows it again. */
    hide(key: string): void {
      if (maximised.value === key) maximised.value = null;
      grid.hide(key);
    },
    dismiss(entry: Entry): void {
      if (maximised.value === entry.key) maximised.value = null;
      store.dismiss(entry);
    },
    dispose(): void {
      clearInterval(timer);
      forget();
      socket.dispose();
    },
  };
}

export type Session = ReturnType<typeof createSession>;

function plays(stream: Stream): boolean {
  return stream.kind === "frame" && (stream.live ?? stream.llhls ?? stream.hls) !== null;
}

/** Runs the present effect again when one of these changes. */
function subscribe(...signals: readonly ReadonlySignal<unknown>[]): void {
  signals.map(({ value }) => value);
}

function media<T>(query: string, read: (matches: boolean) => T): ReadonlySignal<T> {
  const list = matchMedia(query);
  const state = signal(read(list.matches));
  list.addEventListener("change", () => (state.value = read(list.matches)));
  return state;
}
