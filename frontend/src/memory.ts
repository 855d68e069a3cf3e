/**
 * What the page keeps in this browser from one visit to the next, apart for every runner. What is not understood, be it
 * broken, older or newer, is as if it were not there.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { fail, parsed, type Fields } from "./json";

/** Where texts are kept: localStorage, or what stands for it in a test. */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

export interface Memory<T> {
  /** As it is now, whether or not it could be kept. */
  readonly value: ReadonlySignal<T>;
  /** Changes it, here and in the browser. */
  keep(value: T): void;
}

export interface Kind<T> {
  /** What it is, in the name under which it is kept. */
  name: string;
  /** Goes up whenever the meaning of what is kept changes. */
  version: number;
  /** Where nothing is kept. */
  empty: T;
  /** From what is kept; as `json.ts` has it. */
  read: (fields: Fields) => T;
  write: (value: T) => Fields;
}

/** Reads what is kept of this kind for the runner at `address` (host and port). */
export function remember<T>(kind: Kind<T>, address: string, shelf: Shelf | null = localShelf()): Memory<T> {
  const { name, version, empty, read, write } = kind;
  const key = `streamview.${name}@${address}`;
  const value = signal(recall(shelf, key, version, read) ?? empty);
  return {
    value,
    keep(next) {
      value.value = next;
      try {
        shelf?.setItem(key, JSON.stringify({ version, ...write(next) }));
      } catch {
        // A page that may keep nothing, or no more, forgets it: which is all.
      }
    },
  };
}

function recall<T>(shelf: Shelf | null, key: string, version: number, read: (fields: Fields) => T): T | null {
  let text: string | null;
  try {
    text = shelf?.getItem(key) ?? null;
  } catch {
    return null;
  }
  if (text === null) return null;
  const kept = parsed(text, (fields) =>
    fields["version"] === version ? read(fields) : fail("version", String(version), fields["version"]),
  );
  return kept.status === "ok" ? kept.message : null;
}

/** Some browsers forbid even to look at it. */
function localShelf(): Shelf | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
