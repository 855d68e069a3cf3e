import { expect, test } from "vitest";
import { Clock } from "./clock";

test("nothing is known before the runner spoke", () => {
  expect(new Clock().offsetMs).toBeNull();
});

test("hello gives a first guess", () => {
  const clock = new Clock();
  clock.hello(5000, 1000);
  expect(clock.offsetMs).toBe(4000);
});

test("the offset is taken in the middle of the round trip", () => {
  const clock = new Clock();
  clock.hello(0, 0);
  clock.pong(1000, 1020, 6010);
  expect(clock.offsetMs).toBe(5000);
});

test("the shortest round trip is believed", () => {
  const clock = new Clock();
  clock.pong(1000, 1002, 6001);
  clock.pong(2000, 2400, 7350);
  expect(clock.offsetMs).toBe(5000);
});

test("old round trips are forgotten, so that drift is followed", () => {
  const clock = new Clock();
  clock.pong(0, 1, 5000.5);
  for (let i = 0; i < 8; i++) clock.pong(1000, 1010, 6105);
  expect(clock.offsetMs).toBe(5100);
});

test("a clock that was set back during a ping is not believed", () => {
  const clock = new Clock();
  clock.pong(1000, 900, 6000);
  expect(clock.offsetMs).toBeNull();
});
