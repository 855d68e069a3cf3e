/** Asks the runner for the regions of a stream, and to change them: docs/protocol.md. */
import { ask } from "../ask";
import type { Parsed } from "../json";
import { parseList, parseRoi } from "./shape";
import type { Runner } from "./store";

/** Where the regions of a stream are. */
export function pathOf(id: string): string {
  return `/api/v1/streams/${encodeURIComponent(id)}/rois`;
}

/** What the runner offers for the regions of one stream. */
export function runnerOf(id: string): Runner {
  const path = pathOf(id);
  const one = (name: string) => `${path}/${encodeURIComponent(name)}`;
  return {
    list: () => ask("GET", path, parseList),
    add: (roi) => ask("POST", path, parseRoi, JSON.stringify(roi)),
    change: (name, { name: next, shape }) =>
      ask("PUT", one(name), parseRoi, JSON.stringify(next === name ? { shape } : { shape, name: next })),
    remove: (name) => ask("DELETE", one(name), nothing),
    replace: (rois) => ask("PUT", path, parseList, JSON.stringify({ rois })),
  };
}

function nothing(): Parsed<void> {
  return { status: "ok", message: undefined };
}
