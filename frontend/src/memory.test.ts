import { expect, test } from "vitest";
import { list, string } from "./json";
import { remember, type Kind, type Shelf } from "./memory";

const COLOURS: Kind<readonly string[]> = {
  name: "colours",
  version: 2,
  empty: [],
  read: ({ colours }) => list(colours, "colours", string),
  write: (colours) => ({ colours }),
};

function shelf(...texts: [string, string][]): Shelf & { texts: Map<string, string> } {
  const kept = new Map(texts);
  return {
    texts: kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
  };
}

test("what was kept is there again, for the same runner only", () => {
  const here = shelf();
  remember(COLOURS, "lab:8000", here).keep(["red", "green"]);
  expect(remember(COLOURS, "lab:8000", here).value.value).toEqual(["red", "green"]);
  expect(remember(COLOURS, "lab:8001", here).value.value).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["no object", "[2]"],
  ["of an older version", '{"version":1,"colours":["red"]}'],
  ["of a newer version", '{"version":3,"colours":["red"]}'],
  ["without a version", '{"colours":["red"]}'],
  ["of another shape", '{"version":2,"colours":["red",1]}'],
])("what is %s is as if it were not there, until something is kept", (_, text) => {
  const here = shelf(["streamview.colours@lab", text]);
  const memory = remember(COLOURS, "lab", here);
  expect(memory.value.value).toEqual([]);
  expect(here.texts.get("streamview.colours@lab")).toBe(text);
  memory.keep(["blue"]);
  expect(remember(COLOURS, "lab", here).value.value).toEqual(["blue"]);
});

test("where nothing can be kept, it lasts as long as the page", () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  for (const none of [full, null]) {
    const memory = remember(COLOURS, "lab", none);
    memory.keep(["red"]);
    expect(memory.value.value).toEqual(["red"]);
  }
});
