/** Asks the runner how a stream is looked at, and to look at it otherwise: docs/protocol.md. */
import type { Parsed } from "../json";
import type { Runner } from "./control";
import { parseHistogram, type Histogram } from "./histogram";
import { parseDisplay, toJson, type Display } from "./settings";

/** A request that takes longer is given up, ms. */
const TIMEOUT_MS = 5000;

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

async function ask<T>(
  method: string,
  path: string,
  read: (text: string) => Parsed<T>,
  body?: string,
): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  }).catch(() => {
    throw new Error("the runner does not answer");
  });
  const text = await response.text();
  if (!response.ok) throw new Error(reason(text) ?? `the runner answers ${response.status}`);
  const answer = read(text);
  if (answer.status === "error") throw new Error(`the runner's answer is not understood: ${answer.reason}`);
  return answer.message;
}

/** The sentence with which the runner refuses. */
function reason(text: string): string | null {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && "error" in json && typeof json.error === "string")
      return json.error;
  } catch {
    // Whoever answered was not the runner.
  }
  return null;
}
