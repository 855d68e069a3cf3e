import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answer } from "./frames";
import type { Pixel, Spot } from "./pixel";
import { Reader } from "./reader";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const spot = (seq: number, x = 0): Spot => ({ session: "a", seq, x, y: 0 });

/** Answers when told to, and takes note of what was asked. */
class Asked {
  readonly spots: Spot[] = [];
  private readonly waiting: ((answer: Answer<Pixel>) => void)[] = [];

  readonly ask = (spot: Spot): Promise<Answer<Pixel>> => {
    this.spots.push(spot);
    return new Promise((resolve) => this.waiting.push(resolve));
  };

  async answer(answer?: Answer<Pixel>): Promise<void> {
    const spot = this.spots.at(-this.waiting.length);
    if (spot === undefined) throw new Error("nothing was asked");
    this.waiting.shift()?.(
      answer ?? { status: "read", read: { ...spot, values: [1], unit: null, dtype: "uint8" } },
    );
    // Whoever waited goes on, and the next one leaves on a timer.
    await vi.advanceTimersByTimeAsync(2);
  }
}

test("one question is under way, and the newest of the others comes next", async () => {
  const asked = new Asked();
  const reader = new Reader(asked.ask, 0);
  for (let seq = 1; seq <= 5; seq++) reader.want(spot(seq));
  expect(asked.spots).toEqual([spot(1)]);
  await asked.answer();
  expect(reader.read.value?.spot).toEqual(spot(1));
  expect(asked.spots).toEqual([spot(1), spot(5)]);
  await asked.answer();
  expect(reader.read.value?.spot).toEqual(spot(5));
});

test("what is known or on its way is not asked for again", async () => {
  const asked = new Asked();
  const reader = new Reader(asked.ask, 0);
  reader.want(spot(1));
  reader.want(spot(1));
  await asked.answer();
  reader.want(spot(1));
  expect(asked.spots).toHaveLength(1);
  reader.want(spot(1, 2));
  await asked.answer({ status: "gone", reason: "kept are 5 to 9" });
  reader.want(spot(1, 2));
  expect(asked.spots).toHaveLength(2);
  expect(reader.read.value?.answer.status).toBe("gone");
});

test("what did not come is asked for again", async () => {
  const asked = new Asked();
  const reader = new Reader(asked.ask, 0);
  reader.want(spot(1));
  await asked.answer({ status: "failed", reason: "the runner does not answer" });
  reader.want(spot(1));
  await asked.answer();
  expect(asked.spots).toEqual([spot(1), spot(1)]);
  expect(reader.read.value?.answer.status).toBe("read");
});

test("going back to what was asked first is asked for after the other", async () => {
  const asked = new Asked();
  const reader = new Reader(asked.ask, 0);
  reader.want(spot(1));
  reader.want(spot(1, 2));
  reader.want(spot(1));
  await asked.answer();
  await asked.answer();
  expect(reader.read.value?.spot).toEqual(spot(1));
});
