/** Which path pictures are to take: what the address says, else what was chosen here before. */
import { PATHS, type Path } from "../video/path";

export type Preference = Path | "auto";

const KEY = "streamview.path";

/** A path by its name; null for anything else. */
export function preference(text: string | null): Preference | null {
  if (text === "auto") return text;
  return [...PATHS, "exact" as const].find((path) => path === text) ?? null;
}

export function recall(): Preference {
  const asked = preference(new URLSearchParams(location.search).get("path"));
  return asked ?? preference(stored()) ?? "auto";
}

export function remember(path: Preference): void {
  try {
    localStorage.setItem(KEY, path);
  } catch {
    // A page that may keep nothing forgets it, which is all.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
