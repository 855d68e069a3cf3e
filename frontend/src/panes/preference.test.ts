import { expect, test } from "vitest";
import { preference } from "./preference";

test("a path is known by its name, and nothing else is taken", () => {
  expect(["auto", "mse", "llhls", "native", "exact"].map(preference)).toEqual([
    "auto",
    "mse",
    "llhls",
    "native",
    "exact",
  ]);
  expect([null, "", "Live", "webrtc"].map(preference)).toEqual([null, null, null, null]);
});
