/**
 * Streams that belong together, as raw, corrected and denoised pictures of one camera do: who zooms one, changes its
 * display or its regions, does so with all of its group. A group is a letter; a stream is in one at most.
 */
import { computed, type ReadonlySignal } from "@preact/signals";
import { object, oneOf, type Fields } from "../json";
import { remember, type Kind, type Memory, type Shelf } from "../memory";

/** There are as many groups as letters. */
export const LETTERS = ["A", "B", "C", "D", "E", "F", "G", "H"] as const;
export type Letter = (typeof LETTERS)[number];
/** Streams whose group is remembered: those that were put into one last. */
const MOST = 256;

type Letters = ReadonlyMap<string, Letter>;

const KIND: Kind<Letters> = {
  name: "groups",
  version: 1,
  empty: new Map(),
  read: ({ streams }) => new Map(Object.entries(object(streams, "streams")).map(entry)),
  write: (letters): Fields => ({ streams: Object.fromEntries(letters) }),
};

function entry([stream, json]: [string, unknown]): [string, Letter] {
  return [stream, oneOf(LETTERS, json, `streams.${stream}`)];
}

export class Groups {
  private readonly memory: Memory<Letters>;
  private readonly used: ReadonlySignal<ReadonlyMap<Letter, readonly string[]>>;

  /** `streams` are those that can be in a group and are on the page now. */
  constructor(
    private readonly streams: () => readonly string[],
    address: string,
    shelf?: Shelf | null,
  ) {
    this.memory = remember(KIND, address, shelf);
    this.used = computed(() => {
      const groups = new Map<Letter, string[]>();
      const present = this.streams();
      for (const letter of LETTERS) {
        const members = present.filter((stream) => this.of(stream) === letter);
        if (members.length > 0) groups.set(letter, members);
      }
      return groups;
    });
  }

  /** Letter of the group of a stream; null for none. */
  of(stream: string): Letter | null {
    return this.memory.value.value.get(stream) ?? null;
  }

  /** The streams of its group that are on the page, itself always included. */
  members(stream: string): readonly string[] {
    const letter = this.of(stream);
    const members = letter === null ? undefined : this.used.value.get(letter);
    return members?.includes(stream) ? members : [stream];
  }

  /** Groups of the streams on the page, by their letters and in their order. */
  get all(): ReadonlyMap<Letter, readonly string[]> {
    return this.used.value;
  }

  /** The first letter that no stream on the page has; null when all are taken. */
  get free(): Letter | null {
    return LETTERS.find((letter) => !this.used.value.has(letter)) ?? null;
  }

  /** Puts a stream into a group, and out of the one in which it was; null for no group. */
  put(stream: string, letter: Letter | null): void {
    const letters = new Map(this.memory.value.peek());
    letters.delete(stream);
    if (letter !== null) letters.set(stream, letter);
    this.memory.keep(new Map([...letters].slice(-MOST)));
  }
}
