/** Every number a person reads. Unknown is written as a dash, never as zero. */

export const UNKNOWN = "–";

/** A rate per second of capture time, e.g. `29.97 fps`. */
export function rate(perSecond: number | null, unit: string): string {
  if (perSecond === null || !Number.isFinite(perSecond)) return `${UNKNOWN} ${unit}`;
  const digits = perSecond >= 1000 ? 0 : perSecond >= 100 ? 1 : 2;
  return `${grouped(perSecond, digits)} ${unit}`;
}

/** A count, grouped below a million and shortened beyond: `12,345`, `1.23 M`. */
export function count(n: number): string {
  if (n < 1e6) return grouped(n, 0);
  if (n < 1e9) return `${(n / 1e6).toFixed(2)} M`;
  return `${(n / 1e9).toFixed(2)} G`;
}

/** `1 stream`, `3 streams`. */
export function plural(n: number, noun: string): string {
  const nouns = noun.endsWith("s") ? noun : `${noun}s`;
  return `${count(n)} ${n === 1 ? noun : nouns}`;
}

/** A span of time given in milliseconds: `84 ms`, `3.12 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const clamped = Math.max(0, ms);
  if (clamped < 999.5) return `${clamped.toFixed(0)} ms`;
  if (clamped < 59_950) return `${(clamped / 1000).toFixed(clamped < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(clamped / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
}

/** How far a picture is behind its capture, in tenths of a second. */
export function latency(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const clamped = Math.max(0, ms);
  if (clamped < 995) return `${(Math.round(clamped / 10) * 10).toFixed(0)} ms`;
  if (clamped < 59_950) return `${(clamped / 1000).toFixed(1)} s`;
  return duration(clamped);
}

/** `[h, w]` or `[h, w, c]` as people say it: `640 × 480`, with `RGB` where there are colours. */
export function shape(sides: readonly number[]): string {
  const [height, width, channels] = sides;
  if (height === undefined || width === undefined) return UNKNOWN;
  const colours = channels === 3 ? " RGB" : channels === 4 ? " RGBA" : "";
  return `${width} × ${height}${colours}`;
}

/** A measured value with four significant digits and its unit; large ones with an SI prefix. */
export function value(v: number | null, unit: string | null): string {
  if (v === null) return UNKNOWN;
  const suffix = unit === null || unit === "" ? "" : ` ${unit}`;
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  if (Math.abs(v) >= 1e5 && Math.abs(v) < 1e18) {
    const [scaled, prefix] = si(v);
    return suffix === "" ? `${scaled}${prefix}` : `${scaled} ${prefix}${unit ?? ""}`;
  }
  return `${number(v)}${suffix}`;
}

/** Four significant digits, exponent form only where plain digits would not fit. */
export function number(v: number): string {
  const size = Math.abs(v);
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4) return minus(v.toExponential(2).replace("e+", "e"));
  const digits = Math.max(0, 3 - Math.floor(Math.log10(size)));
  return minus(v.toFixed(Math.min(digits, 6)));
}

/** Time of day of an instant in milliseconds since the Unix epoch, local, `14:03:09`. */
export function timeOfDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** The same with milliseconds, `14:03:09.123`; rounded down, as clocks are. */
export function timeOfDayMs(epochMs: number): string {
  return `${timeOfDay(epochMs)}.${String(new Date(epochMs).getMilliseconds()).padStart(3, "0")}`;
}

/** A label of an axis: no more digits than the step between labels asks for. */
export function label(v: number, step: number): string {
  if (step !== 0 && Math.abs(step) < 1e-4) return minus(v.toExponential(2).replace("e+", "e"));
  if (Math.abs(v) >= 1e5 && Math.abs(v) < 1e18) return si(v).join("");
  return minus(v.toFixed(Math.max(0, -Math.floor(Math.log10(Math.abs(step) || 1) + 1e-9))));
}

/** Three digits and an SI prefix. */
function si(v: number): [string, string] {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let power = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.abs(v)) / 3));
  let scaled = Number((v / 1000 ** power).toPrecision(3));
  if (Math.abs(scaled) >= 1000 && power < prefixes.length - 1) {
    scaled /= 1000;
    power++;
  }
  return [minus(String(scaled)), prefixes[power] ?? ""];
}

/** Formats by number of digits: to make one takes longer than to use it a hundred times. */
const GROUPED = [0, 1, 2].map(
  (digits) =>
    new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

function grouped(n: number, digits: 0 | 1 | 2): string {
  return GROUPED[digits]?.format(n) ?? n.toFixed(digits);
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}

function minus(text: string): string {
  return text.replaceAll("-", "−");
}
