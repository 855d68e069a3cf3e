import { expect, test } from "vitest";
import { preference } from "./preference";

test("a path is known by its name, and nothing else is taken", () => {
  expect(["auto", "mse", "llhls", "native"].map(preference)).toEqual(["auto", "mse", "llhls", "native"]);
  expect([null, "", "Live", "webrtc"].map(preference)).toEqual([null, null, null, null]);
});
