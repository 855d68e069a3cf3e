import { beforeEach, expect, test } from "vitest";
import { PLAIN } from "../display/settings";
import { Exacts } from "./exacts";

let kept: Map<string, string>;
const shelf = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
};
const visit = () => new Exacts("runner:8000", shelf);
const settings = {
  window: {
    ...{ mode: "fixed" as const, min: 1, max: 2, percentiles: [0.1, 99.9] as const },
    ...{ ignore_zero: false, ignore_saturated: true },
  },
  ...{ gamma: 2, colormap: "hot", invert: true, highlight: false },
};

beforeEach(() => {
  kept = new Map();
});

test("streams are remembered one by one, with how they are looked at", () => {
  const first = visit();
  expect(first.wants("left")).toBe(false);
  first.choose("left", true);
  first.keepSettings("right", settings);
  const second = visit();
  expect([second.wants("left"), second.wants("right")]).toEqual([true, false]);
  expect(second.settings("left")).toBeNull();
  expect(second.settings("right")).toMatchObject(settings);
  second.choose("right", true);
  second.choose("left", false);
  expect([visit().wants("left"), visit().wants("right")]).toEqual([false, true]);
  expect(visit().settings("right")).toMatchObject(settings);
});

test("only those that were changed last are remembered", () => {
  const exacts = visit();
  for (let i = 0; i < 300; i++) exacts.choose(`stream-${i}`, true);
  expect([visit().wants("stream-43"), visit().wants("stream-44")]).toEqual([false, true]);
});

test("one that is not on the screen is changed, too, from what all see", async () => {
  const everybody = { ...PLAIN, gamma: 3, window: { ...PLAIN.window, roi: "cell" } };
  const exacts = visit();
  const runner = exacts.runnerOf("left", everybody);
  expect(await runner.patch({ invert: true })).toMatchObject({ gamma: 3, invert: true });
  expect(visit().settings("left")).toMatchObject({ gamma: 3, invert: true });
  expect(visit().settings("left")?.window.roi ?? null).toBeNull();
  await expect(runner.auto()).rejects.toThrow("there is no frame yet");
});

test("a pixel of a stream that has no pane is not known", () => {
  expect(visit().pixelAt("left", 0, 0)).toBeNull();
});
