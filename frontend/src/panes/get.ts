/** Reads text from the runner. */

/** A request that takes longer is given up, ms. */
const TIMEOUT_MS = 10_000;

/** Text of the answer; rejects with a sentence where there is none. */
export async function getText(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
  if (!response.ok) throw new Error(`the runner answers ${response.status} to ${path.split("?")[0] ?? path}`);
  return response.text();
}
