import { expect, test } from "vitest";
import { History } from "../metrics/history";
import { read } from "./reading";

const history = new History();
// The fourth comes in the middle between two frames.
history.append([100, 133, 167, 183, 200], [1, 2, 3, 3.5, 4]);

test.each([
  [100, 1],
  [133, 2],
  [167.2, 3],
  [166.8, 3],
  [200, 4],
])("of a sample at the moment of the frame at %d ms", (captureMs, v) => {
  expect(read(history, captureMs, 7)).toMatchObject({ v, matches: true });
});

test("between samples it is the last before, and says so", () => {
  expect(read(history, 120, 7)).toEqual({ t: 100, v: 1, matches: false });
  expect(read(history, 1000, 7)).toEqual({ t: 200, v: 4, matches: false });
});

test("before the first sample there is no value", () => {
  expect(read(history, 80, 7)).toBeNull();
  expect(read(history, 94, 7)).toMatchObject({ v: 1, matches: true });
  expect(read(new History(), 100, 7)).toBeNull();
});

test("of two samples equally far from the frame it is the earlier one", () => {
  expect(read(history, 191.5, 16)).toMatchObject({ v: 3.5 });
});

test("of samples of one time it is the last that came", () => {
  const twice = new History();
  twice.append([100, 100], [1, 2]);
  expect(read(twice, 100.1, 1)).toMatchObject({ v: 2 });
});
