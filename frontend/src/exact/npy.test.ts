import { expect, test } from "vitest";
import { parseNpy } from "./npy";

function npy(dict: string, bytes: number[]): ArrayBuffer {
  const header = `${dict}${" ".repeat(64 - 10 - 1)}`.slice(0, Math.max(dict.length, 117));
  const text = `\x93NUMPY\x01\x00${String.fromCharCode(header.length & 255, header.length >> 8)}${header}`;
  return Uint8Array.from([...Array.from(text, (c) => c.charCodeAt(0)), ...bytes]).buffer;
}

test("elements are those that NumPy wrote", () => {
  const file = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }", [0xff, 0xff, 2, 1]);
  const parsed = parseNpy(file);
  expect(parsed).toMatchObject({ status: "ok", message: { shape: [2, 1], dtype: "int16" } });
  if (parsed.status === "ok") expect([...parsed.message.data]).toEqual([-1, 258]);
  const colour = parseNpy(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 3), }", [1, 2, 3]));
  expect(colour).toMatchObject({ status: "ok", message: { shape: [1, 1, 3], dtype: "uint8" } });
});

test.each([
  ["{'descr': '>i2', 'fortran_order': False, 'shape': (1, 1), }", "npy.descr: expected one that is"],
  ["{'descr': '<i2', 'fortran_order': True, 'shape': (1, 1), }", "npy.fortran_order: expected False"],
  ["{'descr': '<i2', 'fortran_order': False, }", "npy.shape: expected numbers"],
  ["{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }", "npy: expected 4 bytes of elements, got 2"],
])("%s is refused", (dict, reason) => {
  const parsed = parseNpy(npy(dict, [1, 2]));
  expect(parsed.status === "error" && parsed.reason).toContain(reason);
});

test("what is no such file is refused", () => {
  expect(parseNpy(new ArrayBuffer(3)).status).toBe("error");
  expect(parseNpy(new ArrayBuffer(300)).status).toBe("error");
});
