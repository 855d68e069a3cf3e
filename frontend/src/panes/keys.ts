/** The keyboard. */
import type { Session } from "./session";

/** Listens until the returned function is called. */
export function listenToKeys(session: Session): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    // Whoever types or presses a button means that.
    if (event.target instanceof Element && event.target.closest("input, textarea, select") !== null) return;
    if (event.key === " " && event.target instanceof Element && event.target.closest("button") !== null)
      return;
    switch (event.key) {
      case " ":
        session.togglePause();
        break;
      case "l":
      case "L":
        session.goLive();
        break;
      case "f":
      case "F":
        fullScreen(session);
        break;
      case "?":
        session.help.value = !session.help.value;
        break;
      case "Escape":
        if (session.help.value) session.help.value = false;
        else session.maximised.value = null;
        return;
      default:
        return;
    }
    event.preventDefault();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
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
