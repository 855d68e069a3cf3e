/** Asks the runner how a stream is looked at, and to look at it otherwise: docs/protocol.md. */
import { ask } from "../ask";
import type { Runner } from "./control";
import { parseHistogram, type Histogram } from "./histogram";
import { parseDisplay, toJson, type Display } from "./settings";

/** What the runner offers for the display of one stream. */
export function runnerOf(id: string): Runner {
  const path = `/api/v1/streams/${encodeURIComponent(id)}/display`;
  return {
    patch: (patch) => ask<Display>("PATCH", path, parseDisplay, toJson(patch)),
    auto: () => ask<Display>("POST", `${path}/auto`, parseDisplay),
  };
}

/** How often values occur in the newest frame. */
export function histogramOf(id: string, bins: number): Promise<Histogram> {
  return ask("GET", `/api/v1/streams/${encodeURIComponent(id)}/histogram?bins=${bins}`, parseHistogram);
}
