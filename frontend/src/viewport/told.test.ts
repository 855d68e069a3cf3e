import { expect, test } from "vitest";
import type { Read } from "./reader";
import { tell } from "./told";

const PLACE = { x: 5, y: 7 };
const FRAME = { session: "a", seq: 10 };

function read(more: object = {}): Read {
  const spot = { ...FRAME, ...PLACE, ...more };
  return { spot, answer: { status: "read", read: { ...spot, values: [42], unit: null, dtype: "uint16" } } };
}

test("a value is told with the frame that it is of", () => {
  const told = tell(PLACE, FRAME, true, read());
  expect(told.state).toBe("read");
  expect(told.pixel?.values).toEqual([42]);
  expect(told.spot?.seq).toBe(10);
});

test("a live picture runs ahead of its values", () => {
  const told = tell(PLACE, { ...FRAME, seq: 13 }, false, read());
  expect([told.state, told.spot?.seq]).toEqual(["read", 10]);
});

test.each([
  ["another pixel", PLACE, FRAME, false, read({ x: 6 })],
  ["another row", PLACE, FRAME, false, read({ y: 6 })],
  ["another producer", PLACE, FRAME, false, read({ session: "b" })],
  ["another frame than the one that stands", PLACE, FRAME, true, read({ seq: 9 })],
  ["nothing yet", PLACE, FRAME, false, null],
] as const)("the value of %s is never told", (_, place, frame, paused, known) => {
  const told = tell(place, frame, paused, known);
  expect([told.state, told.pixel]).toEqual(["pending", null]);
});

test("why there is no value is told in words", () => {
  const spot = { ...FRAME, ...PLACE };
  const gone = tell(PLACE, FRAME, true, { spot, answer: { status: "gone", reason: "kept: 20 to 30" } });
  expect(gone).toMatchObject({ state: "gone", pixel: null, note: "kept: 20 to 30" });
  expect(gone.words).toBe("frame #10 is no longer kept");
  const failed = tell(PLACE, FRAME, true, {
    spot,
    answer: { status: "failed", reason: "the runner does not answer" },
  });
  expect(failed).toMatchObject({ state: "failed", pixel: null, words: "the runner does not answer" });
  expect(tell(PLACE, null, true, read())).toMatchObject({ state: "unknown", pixel: null, spot: null });
});
