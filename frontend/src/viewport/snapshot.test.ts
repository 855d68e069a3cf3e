import { expect, test } from "vitest";
import { fileName, save } from "./snapshot";

test("a file says whose frame it is, when it was captured, and its number", () => {
  const at = new Date(2026, 0, 31, 4, 3, 9, 7);
  expect(fileName("camera.left", at.getTime() + 0.9, 1234, "tiff")).toBe(
    "camera.left_20260131-040309.007_1234.tiff",
  );
});

test("a frame that nobody can name is not saved", async () => {
  const nameless = { session: null, seq: null, captureMs: 1, mediaUs: null };
  for (const frame of [null, nameless]) expect((await save("camera", frame, "npy")).state).toBe("failed");
});
