/**
 * Reads JSON that came from outside into types that hold, or says what is wrong where: the key, what was expected
 * and what came.
 */

export type Parsed<T> = { status: "ok"; message: T } | { status: "error"; reason: string };

export type Fields = Record<string, unknown>;

class Malformed extends Error {}

/** Parses a text that holds one object, the fields of which `read` reads. */
export function parsed<T>(text: string, read: (fields: Fields) => T): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { status: "error", reason: `expected JSON, got ${clip(text)}` };
  }
  return attempt(() => read(object(json, "message")));
}

/** What `read` reads of anything, or what it says is wrong by `fail`. */
export function attempt<T>(read: () => T): Parsed<T> {
  try {
    return { status: "ok", message: read() };
  } catch (error) {
    if (error instanceof Malformed) return { status: "error", reason: error.message };
    throw error;
  }
}

export function object(json: unknown, path: string): Fields {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Fields;
  return fail(path, "an object", json);
}

export function list<T>(json: unknown, path: string, item: (json: unknown, path: string) => T): T[] {
  if (!Array.isArray(json)) return fail(path, "a list", json);
  return json.map((entry: unknown, index) => item(entry, `${path}[${index}]`));
}

export function string(json: unknown, path: string): string {
  return typeof json === "string" ? json : fail(path, "a string", json);
}

export function number(json: unknown, path: string): number {
  return typeof json === "number" ? json : fail(path, "a number", json);
}

/** A number, or one of the three that JSON has no word for: they travel as strings. */
export function float(json: unknown, path: string): number {
  switch (json) {
    case "NaN":
      return NaN;
    case "Infinity":
      return Infinity;
    case "-Infinity":
      return -Infinity;
    default:
      return number(json, path);
  }
}

export function optional<T>(json: unknown, path: string, item: (json: unknown, path: string) => T): T | null {
  return json === undefined || json === null ? null : item(json, path);
}

export function oneOf<T extends string>(names: readonly T[], json: unknown, path: string): T {
  return names.find((name) => name === json) ?? fail(path, `one of ${names.join(", ")}`, json);
}

export function fail(path: string, expected: string, got: unknown): never {
  throw new Malformed(
    `${path}: expected ${expected}, got ${got === undefined ? "nothing" : clip(JSON.stringify(got))}`,
  );
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
