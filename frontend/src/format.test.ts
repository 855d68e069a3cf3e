import { describe, expect, test } from "vitest";
import * as format from "./format";

function check(name: string, cases: readonly (readonly [string, string])[]) {
  describe(name, () => {
    test.each(cases)("%s reads as %s", (actual, expected) => expect(actual).toBe(expected));
  });
}

check("rate", [
  [format.rate(29.973, "fps"), "29.97 fps"],
  [format.rate(120.04, "fps"), "120.0 fps"],
  [format.rate(40_000, "/s"), "40,000 /s"],
  [format.rate(null, "fps"), "– fps"],
  [format.rate(NaN, "fps"), "– fps"],
]);

check("count", [
  [format.count(0), "0"],
  [format.count(12_345), "12,345"],
  [format.count(1_234_567), "1.23 M"],
  [format.count(5e9), "5.00 G"],
]);

check("plural", [
  [format.plural(1, "stream"), "1 stream"],
  [format.plural(2, "stream"), "2 streams"],
  [format.plural(1000, "series"), "1,000 series"],
]);

check("duration", [
  [format.duration(84.2), "84 ms"],
  [format.duration(3124), "3.12 s"],
  [format.duration(12_340), "12.3 s"],
  [format.duration(59_999), "1 min 00 s"],
  [format.duration(125_000), "2 min 05 s"],
  [format.duration(3_725_000), "1 h 02 min"],
  [format.duration(-3), "0 ms"],
  [format.duration(null), "–"],
]);

check("latency", [
  [format.latency(312), "310 ms"],
  [format.latency(996), "1.0 s"],
  [format.latency(3049), "3.0 s"],
  [format.latency(-20), "0 ms"],
  [format.latency(null), "–"],
]);

check("shape", [
  [format.shape([480, 640]), "640 × 480"],
  [format.shape([480, 640, 1]), "640 × 480"],
  [format.shape([720, 1280, 3]), "1280 × 720 RGB"],
  [format.shape([]), "–"],
]);

check("value", [
  [format.value(0.12345, "V"), "0.1235 V"],
  [format.value(-1234.5, null), "−1235"],
  [format.value(12.3456, "°C"), "12.35 °C"],
  [format.value(1.5e-7, "A"), "1.50e−7 A"],
  [format.value(23_456_789, ""), "23.5M"],
  [format.value(75_650_000_000, "B"), "75.7 GB"],
  [format.value(999_999, "B/s"), "1 MB/s"],
  [format.value(0, "mV"), "0 mV"],
  [format.value(NaN, "V"), "NaN"],
  [format.value(-Infinity, "V"), "−∞"],
  [format.value(null, "V"), "–"],
]);

check("label", [
  [format.label(130, 10), "130"],
  [format.label(0.5, 0.5), "0.5"],
  [format.label(-0.25, 0.05), "−0.25"],
  [format.label(0, 0.5), "0.0"],
  [format.label(2e7, 1e7), "20M"],
  [format.label(2e-6, 1e-6), "2.00e−6"],
  [format.label(1, 0), "1"],
]);

check("time of day", [
  [format.timeOfDayMs(new Date(2026, 0, 31, 9, 5, 7, 3).getTime()), "09:05:07.003"],
  [format.timeOfDayMs(new Date(2026, 0, 31, 23, 59, 59, 999).getTime() + 0.9), "23:59:59.999"],
]);
