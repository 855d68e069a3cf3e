/** The keyboard. */
import { ZOOM_STEP } from "../viewport/control";
import type { Session } from "./session";

export type Action =
  | { type: "pause or go on" | "live" | "follow" | "reset display" | "full screen" | "help" | "back" }
  | { type: "show all" | "pick" | "save" }
  | { type: "zoom"; factor: number }
  | { type: "step"; frames: number }
  | { type: "skip"; ms: number };

/** A key and what is held with it. */
export interface Press {
  key: string;
  shiftKey: boolean;
  /** Held down: it comes again and again. */
  repeat: boolean;
}

/** Shift and an arrow move by this, ms. */
const SKIP_MS = 1000;

/** What a key means on the page; null for nothing. */
export function interpret({ key, shiftKey, repeat }: Press): Action | null {
  const arrow = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  if (arrow !== 0) return shiftKey ? { type: "skip", ms: arrow * SKIP_MS } : { type: "step", frames: arrow };
  if (key === "+" || key === "=") return { type: "zoom", factor: ZOOM_STEP };
  if (key === "-") return { type: "zoom", factor: 1 / ZOOM_STEP };
  if (repeat) return null;
  switch (key.toLowerCase()) {
    case " ":
      return { type: "pause or go on" };
    case "l":
      return { type: "live" };
    case "i":
      return { type: "follow" };
    case "r":
      return { type: "reset display" };
    case "0":
      return { type: "show all" };
    case "p":
      return { type: "pick" };
    case "s":
      return { type: "save" };
    case "f":
      return { type: "full screen" };
    case "?":
      return { type: "help" };
    case "escape":
      return { type: "back" };
    default:
      return null;
  }
}

/** Listens until the returned function is called. */
export function listenToKeys(session: Session): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // Whoever types or presses a button means that.
    const within = (selector: string) =>
      event.target instanceof Element && event.target.closest(selector) !== null;
    if (within("input:not([type=checkbox], [type=range]), textarea, select")) return;
    // A box or a slider that was used last has no use for letters.
    if (within("input") && !/^[a-z?]$/i.test(event.key)) return;
    if (event.key === " " && within("button")) return;
    const action = interpret(event);
    if (action === null) return;
    if (action.type !== "back") event.preventDefault();
    perform(session, action);
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function perform(session: Session, action: Action): void {
  const { playback } = session;
  // A key is meant for the picture under the pointer.
  const { hovered } = session;
  if (hovered.value !== null && action.type !== "help" && action.type !== "back")
    playback.touch(hovered.value);
  const { pictureControls } = session;
  const over = pictureControls.has(hovered.value ?? "") ? hovered.value : null;
  const meant = over ?? playback.lead.value ?? "";
  const picture = pictureControls.get(meant);
  switch (action.type) {
    case "pause or go on":
      if (playback.mode.value.stand === null) playback.pause();
      else playback.goLive();
      return;
    case "live":
      playback.goLive();
      return;
    case "follow":
      playback.toggleFollow();
      return;
    case "step":
      playback.step(action.frames);
      return;
    case "skip":
      playback.skip(action.ms);
      return;
    case "reset display":
      session.displays.get(meant)?.reset();
      return;
    case "zoom":
      picture?.zoom(action.factor);
      return;
    case "show all":
      picture?.reset();
      return;
    case "pick":
      picture?.pick();
      return;
    case "save":
      picture?.save("tiff");
      return;
    case "full screen":
      fullScreen(session);
      return;
    case "help":
      session.help.value = !session.help.value;
      return;
    case "back":
      if (session.help.value) session.help.value = false;
      else if (session.tool.value !== "pointer") session.tool.value = "pointer";
      else session.maximised.value = null;
  }
}

function fullScreen(session: Session): void {
  if (document.fullscreenElement !== null) {
    void document.exitFullscreen();
    return;
  }
  const key = session.maximised.value ?? session.hovered.value;
  const panes = [...document.querySelectorAll<HTMLElement>(".pane")];
  const pane = panes.find(({ dataset }) => `${dataset["kind"]}/${dataset["id"]}` === key) ?? panes[0];
  void pane?.requestFullscreen().catch(() => undefined);
}
