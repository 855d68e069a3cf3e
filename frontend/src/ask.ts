/** Asks the runner for something as JSON, or to change something. */
import type { Parsed } from "./json";

/** A request that takes longer is given up, ms. */
const TIMEOUT_MS = 5000;

/** The runner understood what was asked, and will not do it. */
export class Refused extends Error {
  constructor(
    reason: string,
    /** Of HTTP. */
    readonly status: number,
  ) {
    super(reason);
  }
}

export type Method = "GET" | "PUT" | "PATCH" | "POST" | "DELETE";

/**
 * What `read` makes of the answer. Rejects with a sentence: `Refused` where the runner said no, another `Error` where
 * it does not answer, or something that nobody understands.
 */
export async function ask<T>(
  method: Method,
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
  if (!response.ok) throw refusal(response.status, text);
  const answer = read(text);
  if (answer.status === "error") throw new Error(`the runner's answer is not understood: ${answer.reason}`);
  return answer.message;
}

/** What the runner means by an answer that is not `ok`. */
export function refusal(status: number, text: string): Refused {
  return new Refused(reason(text) ?? `the runner answers ${status}`, status);
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
