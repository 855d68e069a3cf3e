import { beforeEach, expect, test, vi } from "vitest";
import { momentMs, Past, windowPoints, type View } from "./past";

/** A runner that has a sample every `stepMs` since `sinceMs`, of one series each. */
interface Has {
  sinceMs: number;
  untilMs: number;
  stepMs: number;
}

let has: Has[];
let nowMs: number;
let changes: number;
let asked: URLSearchParams[];
let refuse: boolean;
let past: Past;

const LOAD = { rate: 30, series: 2 };
const VIEW: View = { fromMs: 50_000, toMs: 60_000, cursorMs: 55_000 };

beforeEach(() => {
  vi.useFakeTimers();
  has = [{ sinceMs: 0, untilMs: 1e9, stepMs: 100 }];
  nowMs = 100_000;
  changes = 0;
  asked = [];
  refuse = false;
  past = new Past("numbers", {
    get: (path) => {
      const query = new URLSearchParams(path.split("?")[1]);
      asked.push(query);
      return refuse ? Promise.reject(new Error("no answer")) : Promise.resolve(answer(query));
    },
    now: () => nowMs,
    changed: () => changes++,
  });
});

function answer(query: URLSearchParams): string {
  const [from, to] = [Number(query.get("from")), Math.min(nowMs, Number(query.get("to")))];
  const series = has.map(({ sinceMs, untilMs, stepMs }, id) => {
    const t: number[] = [];
    for (let at = sinceMs; at <= Math.min(to, untilMs); at += stepMs) if (at >= from) t.push(at);
    return { id, t, v: t };
  });
  return JSON.stringify({ run: "r", series });
}

/** Looks as often as a pane does. */
async function look(view: View, times = 3): Promise<void> {
  for (let n = 0; n < times; n++) {
    past.look(view, LOAD);
    nowMs += 250;
    await vi.advanceTimersByTimeAsync(250);
  }
}

const of = (name: string) => asked.map((query) => query.get(name));
const windows = () => asked.filter((query) => query.has("points"));

test("a window is asked for once, with as much on both sides", async () => {
  await look(VIEW, 6);
  expect(windows().map((query) => [query.get("from"), query.get("to")])).toEqual([["40000", "70000"]]);
  expect(past.history(0)?.time(0)).toBe(40_000);
  await look({ fromMs: 41_000, toMs: 51_000, cursorMs: 55_000 });
  expect(windows().length).toBe(1);
  await look({ fromMs: 39_000, toMs: 49_000, cursorMs: 55_000 });
  expect(windows().length).toBe(2);
});

test("a window that ends with samples still under way waits for them", async () => {
  const view = { fromMs: 90_000, toMs: 100_000, cursorMs: 100_000 };
  await look(view, 2);
  expect(asked).toEqual([]);
  await look(view, 4);
  expect(past.covers(view)).toBe(true);
  const exact = past.exact(0, 100_000);
  expect(exact?.time(exact.indexAt(100_000))).toBe(100_000);
  expect(windows().length).toBe(1);
});

test("a moment is read whole, when the cursor rests on it", async () => {
  past.look(VIEW, LOAD);
  expect(of("points")).toEqual(["12000"]);
  await look(VIEW);
  expect(of("points")).toEqual(["12000", null]);
  expect(past.exact(0, 55_000)?.indexAt(55_000)).toBeGreaterThan(0);
  expect(past.exact(0, 55_001)).toBeNull();
});

test("a series that paused is looked for further back, and not for ever", async () => {
  has.push({ sinceMs: 0, untilMs: 20_000, stepMs: 100 }, { sinceMs: 1e9, untilMs: 1e9, stepMs: 1 });
  await look(VIEW, 6);
  expect(past.exact(1, 55_000)?.lastTime).toBe(20_000);
  expect(past.exact(2, 55_000)?.length).toBe(0);
  expect(asked.length - windows().length).toBeLessThanOrEqual(4);
});

test("what fails is told, and tried again a little later", async () => {
  refuse = true;
  await look(VIEW);
  expect(past.trouble).toBe("no answer");
  expect(windows().length).toBe(1);
  refuse = false;
  await look(VIEW, 12);
  expect(past.trouble).toBeNull();
  expect(past.covers(VIEW)).toBe(true);
  expect(changes).toBeGreaterThan(1);
});

test("what comes after the page went live is not kept", async () => {
  past.look(VIEW, LOAD);
  past.clear();
  await vi.advanceTimersByTimeAsync(10);
  expect(past.history(0)).toBeNull();
  expect(changes).toBe(0);
});

test("the faster and the more series, the shorter a moment and the fewer points", () => {
  expect(momentMs({ rate: 30, series: 4 })).toBe(10_000);
  expect(momentMs({ rate: 40_000, series: 16 })).toBeCloseTo(31, 0);
  expect(momentMs({ rate: 1e6, series: 1000 })).toBe(20);
  expect(momentMs({ rate: null, series: 0 })).toBe(10_000);
  expect([windowPoints(1), windowPoints(1000), windowPoints(0)]).toEqual([4000, 100, 4000]);
});
