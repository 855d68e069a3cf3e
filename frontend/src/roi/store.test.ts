import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refused } from "../ask";
import { apply, type Edit } from "./edit";
import type { Roi } from "./shape";
import { RoiStore } from "./store";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const roi = (name: string, x = 0): Roi => ({
  name,
  shape: { type: "rectangle", x, y: 0, width: 10, height: 10 },
});

/** A runner that takes its time and refuses what reaches over 100. */
function rig(tripMs = 20) {
  let held: readonly Roi[] = [roi("a"), roi("b", 20)];
  let revision = 1;
  let gone = false;
  const asked: (Edit | "list")[] = [];
  const answer = <T>(what: Edit | "list", make: () => T) =>
    new Promise<T>((resolve, reject) => {
      asked.push(what);
      // A list is of when it was asked for.
      const early = what === "list" ? make() : null;
      setTimeout(() => {
        if (gone) {
          reject(new Error("the runner does not answer"));
          return;
        }
        const shape = what === "list" || !("roi" in what) ? null : what.roi.shape;
        if (shape?.type === "rectangle" && shape.x + shape.width > 100) {
          reject(new Refused("rectangle reaches too far", 422));
          return;
        }
        if (what !== "list") {
          held = apply(held, what);
          revision++;
        }
        resolve(early ?? make());
      }, tripMs);
    });
  const store = new RoiStore({
    list: () => answer("list", () => ({ revision, rois: [...held] })),
    add: (roi) => answer({ type: "add", roi }, () => roi),
    change: (name, roi) => answer({ type: "change", name, roi }, () => roi),
    remove: (name) => answer({ type: "remove", name }, () => undefined),
    replace: (rois) => answer({ type: "replace", rois }, () => ({ revision, rois: [...held] })),
  });
  const hear = () => store.heard("run", { revision, count: held.length });
  return {
    store,
    asked,
    hear,
    runner: () => held,
    xs: () => store.rois.value.map(({ name, shape }) => [name, shape.type === "polygon" ? NaN : shape.x]),
    others: (edit: Edit) => {
      held = apply(held, edit);
      revision++;
    },
    leave: () => (gone = true),
    comeBack: () => (gone = false),
  };
}

/** One that has heard what there is. */
async function ready(tripMs?: number) {
  const made = rig(tripMs);
  made.hear();
  await vi.advanceTimersByTimeAsync(200);
  made.asked.length = 0;
  return made;
}

describe("what the runner has", () => {
  test("is asked for once for each of its changes", async () => {
    const { xs, asked, hear, others } = await ready();
    expect(xs()).toEqual([
      ["a", 0],
      ["b", 20],
    ]);
    hear();
    hear();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual([]);
    others({ type: "remove", name: "a" });
    hear();
    hear();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual(["list"]);
    expect(xs()).toEqual([["b", 20]]);
  });

  test("is not asked for where there is nothing", async () => {
    const { store, asked } = rig();
    store.heard("run", { revision: 0, count: 0 });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual([]);
  });

  test("is asked for again after a while when it does not answer", async () => {
    const { asked, hear, leave, comeBack, xs } = rig();
    leave();
    for (let i = 0; i < 8; i++) {
      hear();
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(asked).toHaveLength(2);
    comeBack();
    for (let i = 0; i < 5; i++) {
      hear();
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(xs()).toHaveLength(2);
  });
});

describe("what was changed here", () => {
  test("is shown at once, and stays", async () => {
    const { store, xs, hear, runner } = await ready();
    store.give({ type: "add", roi: roi("c", 40) });
    store.give({ type: "change", name: "a", roi: roi("renamed", 5) });
    store.give({ type: "remove", name: "b" });
    const expected = [
      ["renamed", 5],
      ["c", 40],
    ];
    expect(xs()).toEqual(expected);
    for (let i = 0; i < 20; i++) {
      hear();
      await vi.advanceTimersByTimeAsync(15);
      expect(xs()).toEqual(expected);
    }
    expect(runner().map(({ name }) => name)).toEqual(["renamed", "c"]);
    expect(store.refusal.value).toBeNull();
  });

  test("does not flood the runner while it is dragged, and ends where it was left", async () => {
    const { store, asked, runner } = await ready(10);
    for (let x = 0; x < 120; x++) {
      store.give({ type: "change", name: "a", roi: roi("a", x / 2) });
      await vi.advanceTimersByTimeAsync(1000 / 120);
    }
    expect(asked.length).toBeGreaterThan(12);
    expect(asked.length).toBeLessThanOrEqual(15);
    await vi.advanceTimersByTimeAsync(200);
    expect(runner()[0]).toEqual(roi("a", 59.5));
  });

  test("goes back when the runner refuses it, and the reason is there until the next change", async () => {
    const { store, xs } = await ready();
    store.give({ type: "change", name: "a", roi: roi("a", 95) });
    expect(xs()[0]).toEqual(["a", 95]);
    await vi.advanceTimersByTimeAsync(30);
    expect(xs()[0]).toEqual(["a", 0]);
    expect(store.refusal.value).toBe("rectangle reaches too far");
    store.give({ type: "change", name: "a", roi: roi("a", 9) });
    expect(store.refusal.value).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    expect(xs()[0]).toEqual(["a", 9]);
  });

  test("is given up when nobody is there, with what waits behind it", async () => {
    const { store, xs, asked, leave } = await ready();
    leave();
    store.give({ type: "remove", name: "a" });
    store.give({ type: "add", roi: roi("c") });
    store.give({ type: "remove", name: "b" });
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(2);
    expect(xs()).toEqual([
      ["a", 0],
      ["b", 20],
    ]);
    expect(store.refusal.value).toBe("the runner does not answer");
  });

  test("is not taken back by a list of before it", async () => {
    const { store, xs, hear, others } = await ready(50);
    others({ type: "add", roi: roi("z", 60) });
    hear();
    await vi.advanceTimersByTimeAsync(10);
    store.give({ type: "remove", name: "a" });
    for (let i = 0; i < 30; i++) {
      await vi.advanceTimersByTimeAsync(10);
      expect(xs()).not.toContainEqual(["a", 0]);
    }
    hear();
    await vi.advanceTimersByTimeAsync(100);
    expect(xs()).toEqual([
      ["b", 20],
      ["z", 60],
    ]);
  });

  test("all at once takes the place of everything", async () => {
    const { store, xs, runner } = await ready();
    store.give({ type: "replace", rois: [roi("n", 1)] });
    expect(xs()).toEqual([["n", 1]]);
    await vi.advanceTimersByTimeAsync(200);
    expect(runner()).toEqual([roi("n", 1)]);
    expect(xs()).toEqual([["n", 1]]);
  });
});
