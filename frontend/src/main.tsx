import { render } from "preact";
import { App } from "./panes/app";
import { listenToKeys } from "./panes/keys";
import { createSession } from "./panes/session";
import "./style.css";

const root = document.getElementById("app");
if (root !== null) {
  const session = createSession(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  listenToKeys(session);
  render(<App session={session} />, root);
}
