import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Control, Elsewhere } from "./control";
import { apply, limitsOf, PLAIN, type Display, type Patch } from "./settings";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const FRESH: Display = {
  ...PLAIN,
  window: { ...PLAIN.window, mode: "full" },
  shown: [0, 65_535],
};

/** A runner that takes its time, and refuses an empty window and a negative gamma. */
function rig(tripMs = 20) {
  const asked: (Patch | "auto")[] = [];
  let held = FRESH;
  const answer = (ask: Patch | "auto", next: () => Display) =>
    new Promise<Display>((resolve, reject) => {
      asked.push(ask);
      setTimeout(() => {
        const display = next();
        const { gamma, window } = display;
        if (gamma < 0.05) reject(new Error(`gamma is ${gamma}: expected 0.05 to 20`));
        else if (window.mode === "fixed" && (window.min ?? 0) >= (window.max ?? 0))
          reject(new Error(`min is ${window.min}, max is ${window.max}: expected min below max`));
        else resolve((held = display));
      }, tripMs);
    });
  const control = new Control(FRESH, {
    patch: (patch) =>
      answer(patch, () => {
        const display = apply(held, patch);
        return { ...display, shown: limitsOf(display) };
      }),
    auto: () =>
      answer("auto", () => ({
        ...held,
        window: { ...held.window, mode: "fixed", min: 90, max: 810 },
        shown: [90, 810],
      })),
  });
  return { control, asked, shown: () => control.display.value, runner: () => held };
}

describe("what was changed here", () => {
  test("is shown at once, and stays when the runner agrees", async () => {
    const { control, shown, runner } = rig();
    control.change({ gamma: 0.5 });
    expect(shown().gamma).toBe(0.5);
    expect(runner().gamma).toBe(1);
    await vi.advanceTimersByTimeAsync(30);
    expect(runner().gamma).toBe(0.5);
    expect(shown().gamma).toBe(0.5);
  });

  test("stays although the runner still tells everybody what was before", async () => {
    const { control, shown } = rig(100);
    control.change({ gamma: 0.5 });
    control.heard(FRESH);
    expect(shown().gamma).toBe(0.5);
    await vi.advanceTimersByTimeAsync(150);
    control.heard(FRESH);
    expect(shown().gamma).toBe(0.5);
  });

  test("goes when the runner refuses it, and the reason is there until the next change", async () => {
    const { control, shown } = rig();
    control.fix([5, 5]);
    expect(limitsOf(shown())).toEqual([5, 5]);
    await vi.advanceTimersByTimeAsync(30);
    expect(shown()).toEqual(FRESH);
    expect(control.refusal.value).toEqual({
      about: ["window"],
      text: "min is 5, max is 5: expected min below max",
    });
    control.fix([5, 6]);
    expect(control.refusal.value).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(control.refusal.value).toBeNull();
    expect(limitsOf(shown())).toEqual([5, 6]);
  });

  test("is sent together, each setting as it was last", async () => {
    const { control, asked } = rig();
    control.change({ gamma: 2 });
    control.change({ invert: true });
    control.change({ colormap: "magma" });
    control.change({ colormap: "hot" });
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toEqual([{ gamma: 2 }, { invert: true, colormap: "hot" }]);
  });

  test("is sent 15 times a second at most while a limit is dragged, and ends where it was left", async () => {
    const { control, asked, runner } = rig(10);
    for (let x = 0; x < 120; x++) {
      control.fix([x, 1000]);
      await vi.advanceTimersByTimeAsync(1000 / 120);
    }
    expect(asked.length).toBeGreaterThan(12);
    expect(asked.length).toBeLessThanOrEqual(15);
    await vi.advanceTimersByTimeAsync(200);
    expect(limitsOf(runner())).toEqual([119, 1000]);
  });
});

test("what another viewer changed is shown", async () => {
  const { control, shown } = rig();
  control.heard({ ...FRESH, colormap: "magma" });
  expect(shown().colormap).toBe("magma");
  control.change({ gamma: 2 });
  await vi.advanceTimersByTimeAsync(400);
  control.heard({ ...FRESH, gamma: 3 });
  expect(shown().gamma).toBe(3);
});

describe("an automatic window", () => {
  test("once is where the runner says, and fixed", async () => {
    const { control, shown } = rig();
    control.auto("once");
    await vi.advanceTimersByTimeAsync(30);
    expect(shown().window.mode).toBe("fixed");
    expect(limitsOf(shown())).toEqual([90, 810]);
  });

  test("gives way to a window that is asked for after it", async () => {
    const { control, asked, shown } = rig();
    control.change({ invert: true });
    control.auto("once");
    control.fix([1, 2]);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).not.toContain("auto");
    expect(limitsOf(shown())).toEqual([1, 2]);
  });

  test("that goes on is one of the settings, and stays where it is when it is held", async () => {
    const { control, shown } = rig();
    control.auto("continuous");
    expect(shown().window.mode).toBe("auto");
    await vi.advanceTimersByTimeAsync(400);
    control.heard({ ...shown(), shown: [100, 700] });
    control.hold();
    await vi.advanceTimersByTimeAsync(400);
    expect(shown().window).toMatchObject({ mode: "fixed", min: 100, max: 700 });
  });
});

test("a reset takes everything back, in one change", async () => {
  const { control, asked, shown } = rig();
  control.change({ gamma: 2, invert: true, highlight: true, colormap: "hot" });
  await vi.advanceTimersByTimeAsync(100);
  control.reset();
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveLength(2);
  expect(shown()).toMatchObject({ gamma: 1, invert: false, highlight: false, colormap: "gray" });
  expect(shown().window.mode).toBe("default");
});

test("what a linked stream refuses is told, and what the stream itself did stays", async () => {
  const control = new Control(FRESH, {
    patch: (patch) => Promise.reject(new Elsewhere(apply(FRESH, patch), "denoised: gamma is 9")),
    auto: () => Promise.reject(new Error("no frame yet")),
  });
  control.change({ gamma: 9 });
  await vi.advanceTimersByTimeAsync(100);
  expect(control.display.value.gamma).toBe(9);
  expect(control.refusal.value).toEqual({ about: ["gamma"], text: "denoised: gamma is 9" });
});
