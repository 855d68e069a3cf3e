import { expect, test } from "vitest";
import { Elsewhere, type Runner } from "./control";
import { linked } from "./linked";
import { apply, PLAIN, type Display, type Patch } from "./settings";

const FRESH: Display = {
  ...PLAIN,
  window: { ...PLAIN.window, mode: "full" },
  shown: [0, 255],
};
const FIXED = { ...FRESH.window, mode: "fixed", min: 10, max: 90 } as const;

/** Streams of a runner that refuses these, and what it was asked for. */
function runner(members: readonly string[], refused: readonly string[] = []) {
  const asked: [string, Patch | "auto"][] = [];
  const runnerOf = (id: string): Runner => ({
    patch(patch) {
      asked.push([id, patch]);
      return refused.includes(id)
        ? Promise.reject(new Error("gamma is 0: expected 0.05 to 20"))
        : Promise.resolve(apply(FRESH, patch));
    },
    auto() {
      asked.push([id, "auto"]);
      return Promise.resolve({ ...FRESH, window: FIXED, shown: [10, 90] });
    },
  });
  return { asked, display: linked("raw", () => members, runnerOf) };
}

test("a change of one is a change of all", async () => {
  const { asked, display } = runner(["raw", "denoised", "corrected"]);
  expect((await display.patch({ gamma: 0.5 })).gamma).toBe(0.5);
  expect(asked).toEqual([
    ["raw", { gamma: 0.5 }],
    ["denoised", { gamma: 0.5 }],
    ["corrected", { gamma: 0.5 }],
  ]);
});

test("a stream of no group is changed alone", async () => {
  const { asked, display } = runner(["raw"]);
  await display.patch({ invert: true });
  expect(asked).toEqual([["raw", { invert: true }]]);
});

test("an automatic window is that of the one for which it was asked", async () => {
  const { asked, display } = runner(["raw", "denoised"]);
  expect((await display.auto()).window).toEqual(FIXED);
  expect(asked).toEqual([
    ["raw", "auto"],
    ["denoised", { window: FIXED }],
  ]);
});

test("what the stream itself refuses is not for the others", async () => {
  const { asked, display } = runner(["raw", "denoised"], ["raw"]);
  await expect(display.patch({ gamma: 0 })).rejects.toThrow(/^gamma is 0/);
  expect(asked).toEqual([["raw", { gamma: 0 }]]);
});

test("what another refuses is told by its name, and the answer of the stream is not lost", async () => {
  const { asked, display } = runner(["raw", "denoised", "corrected"], ["denoised"]);
  const error: unknown = await display.patch({ gamma: 2 }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Elsewhere);
  expect(error).toMatchObject({
    message: "denoised: gamma is 0: expected 0.05 to 20",
    display: { gamma: 2 },
  });
  expect(asked.map(([id]) => id)).toEqual(["raw", "denoised", "corrected"]);
});
