import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Shelf } from "../memory";
import { Groups, LETTERS } from "./groups";

function shelf(text?: string): Shelf {
  let kept = text ?? null;
  return { getItem: () => kept, setItem: (_, next) => void (kept = next) };
}

const CAMERA = ["raw", "corrected", "denoised", "face"];

test("a stream of no group is alone", () => {
  const groups = new Groups(() => CAMERA, "lab", null);
  expect(groups.of("raw")).toBeNull();
  expect(groups.members("raw")).toEqual(["raw"]);
  expect(groups.all.size).toBe(0);
});

test("members are those of the letter, in the order of the page", () => {
  const groups = new Groups(() => CAMERA, "lab", null);
  groups.put("denoised", "A");
  groups.put("raw", "A");
  groups.put("face", "B");
  expect(groups.members("raw")).toEqual(["raw", "denoised"]);
  expect(groups.members("denoised")).toEqual(["raw", "denoised"]);
  expect(groups.members("face")).toEqual(["face"]);
  expect(groups.free).toBe("C");
  groups.put("raw", "B");
  expect(groups.members("denoised")).toEqual(["denoised"]);
  expect(groups.members("raw")).toEqual(["raw", "face"]);
  groups.put("raw", null);
  expect(groups.of("raw")).toBeNull();
});

test("only streams on the page are members, and one that comes back is one again", () => {
  const streams = signal(CAMERA);
  const groups = new Groups(() => streams.value, "lab", null);
  groups.put("raw", "A");
  groups.put("denoised", "A");
  streams.value = ["raw", "face"];
  expect(groups.members("raw")).toEqual(["raw"]);
  // One that is asked about before it is on the page.
  expect(groups.members("denoised")).toEqual(["denoised"]);
  streams.value = CAMERA;
  expect(groups.members("raw")).toEqual(["raw", "denoised"]);
});

test("groups are kept, and what is not understood is not", () => {
  const here = shelf();
  new Groups(() => CAMERA, "lab", here).put("raw", "A");
  const again = new Groups(() => CAMERA, "lab", here);
  expect(again.of("raw")).toBe("A");
  for (const text of ['{"version":1,"streams":{"raw":"AB"}}', '{"version":1,"streams":[]}', "null"]) {
    expect(new Groups(() => CAMERA, "lab", shelf(text)).of("raw")).toBeNull();
  }
});

test("there is an end to letters and to what is remembered", () => {
  const many = Array.from({ length: 300 }, (_, i) => `s${i}`);
  const groups = new Groups(() => many, "lab", null);
  for (const [i, letter] of LETTERS.entries()) groups.put(`s${i}`, letter);
  expect(groups.free).toBeNull();
  for (const stream of many) groups.put(stream, "A");
  expect(groups.members("s299")).toHaveLength(256);
  expect(groups.of("s0")).toBeNull();
});
