import { expect, test } from "vitest";
import { move, offered, share, timeAt } from "./seekbar";

const span = { fromMs: 100_000, toMs: 200_000 };

test("a time and its place belong together", () => {
  for (const place of [0, 0.25, 1]) expect(share(span, timeAt(span, place))).toBe(place);
});

test("beyond an end is the end", () => {
  expect([timeAt(span, -1), timeAt(span, 2)]).toEqual([100_000, 200_000]);
  expect([share(span, 0), share(span, 1e9)]).toEqual([0, 1]);
});

test("a bar that holds a single moment is at its end", () => {
  expect(share({ fromMs: 5, toMs: 5 }, 5)).toBe(1);
  expect(timeAt({ fromMs: 5, toMs: 5 }, 0.3)).toBe(5);
});

test("keys stay on the bar", () => {
  expect(move("Home", span, 150_000)).toEqual({ seekMs: 100_000 });
  expect(move("End", span, 150_000)).toBe("live");
  expect(move("PageUp", span, 195_000)).toEqual({ seekMs: 200_000 });
  expect(move("PageDown", span, 150_000)).toEqual({ seekMs: 140_000 });
  expect(move("ArrowLeft", span, 150_000)).toBeNull();
});

test("video that is about to go is not offered, and the frame on screen always is", () => {
  expect(offered(span, 100_000, 200_500)).toEqual({ fromMs: 100_000, toMs: 200_500 });
  expect(offered(span, 99_000, 150_000)).toEqual({ fromMs: 103_000, toMs: 200_000 });
  expect(offered({ fromMs: 5000, toMs: 6000 }, 4000, 5500)).toEqual({ fromMs: 6000, toMs: 6000 });
});
