/** How the values of a frame stream are looked at: docs/protocol.md. Shared by all who look at the stream. Pure. */
import { fail, list, number, object, oneOf, optional, parsed, string, type Parsed } from "../json";

export const MODES = ["default", "full", "fixed", "auto"] as const;
/**
 * Where the window comes from: what the producer says of its values, all that their dtype can hold, what was asked
 * for, or the values of late.
 */
export type Mode = (typeof MODES)[number];

/** A value shown as black, and a larger one shown as white; in the unit of the stream. */
export type Limits = readonly [min: number, max: number];

export interface Window {
  mode: Mode;
  /** Of the mode `fixed`; null where there was never one. */
  min: number | null;
  max: number | null;
  /** Where an automatic window begins and ends, percent of the values. */
  percentiles: Limits;
  /** What an automatic window does not look at. */
  ignore_zero: boolean;
  ignore_saturated: boolean;
  /** The region of interest that it looks at; null or absent: all of the frame. */
  roi?: string | null;
}

export interface Settings {
  window: Window;
  /** Exponent of the curve from black to white, 0.05 to 20. */
  gamma: number;
  colormap: string;
  invert: boolean;
  /** Saturated values red, zeros blue. */
  highlight: boolean;
}

export interface Display extends Settings {
  /** The window that the newest picture was drawn with, null before the first. */
  shown: Limits | null;
}

/** How a stream is looked at that nobody has changed. */
export const PLAIN: Display = {
  window: {
    mode: "default",
    min: null,
    max: null,
    percentiles: [0.1, 99.9],
    ignore_zero: false,
    ignore_saturated: false,
  },
  gamma: 1,
  colormap: "gray",
  invert: false,
  highlight: false,
  shown: null,
};

/** What is to change. */
export type Patch = Partial<Settings>;

const PERCENTILES: Limits = [0.1, 99.9];

/** Parses what the runner answers to a request for the settings or a change of them. */
export function parseDisplay(text: string): Parsed<Display> {
  return parsed(text, (fields) => display(fields, "display"));
}

export function display(json: unknown, path: string): Display {
  const d = object(json, path);
  return {
    window: window(d["window"], `${path}.window`),
    gamma: optional(d["gamma"], `${path}.gamma`, number) ?? 1,
    // A runner may know more of them than the page.
    colormap: optional(d["colormap"], `${path}.colormap`, string) ?? "gray",
    invert: optional(d["invert"], `${path}.invert`, boolean) ?? false,
    highlight: optional(d["highlight"], `${path}.highlight`, boolean) ?? false,
    shown: optional(d["shown"], `${path}.shown`, limits),
  };
}

function window(json: unknown, path: string): Window {
  const w = object(json, path);
  return {
    mode: oneOf(MODES, w["mode"], `${path}.mode`),
    min: optional(w["min"], `${path}.min`, number),
    max: optional(w["max"], `${path}.max`, number),
    percentiles: optional(w["percentiles"], `${path}.percentiles`, limits) ?? PERCENTILES,
    ignore_zero: optional(w["ignore_zero"], `${path}.ignore_zero`, boolean) ?? false,
    ignore_saturated: optional(w["ignore_saturated"], `${path}.ignore_saturated`, boolean) ?? false,
    roi: optional(w["roi"], `${path}.roi`, string),
  };
}

function limits(json: unknown, path: string): Limits {
  const [min, max, ...more] = list(json, path, number);
  if (min === undefined || max === undefined || more.length > 0) return fail(path, "[min, max]", json);
  return [min, max];
}

function boolean(json: unknown, path: string): boolean {
  return typeof json === "boolean" ? json : fail(path, "true or false", json);
}

/** What a change makes of the settings, as far as the page can know: which values are shown, the runner says. */
export function apply(display: Display, patch: Patch): Display {
  return { ...display, ...patch };
}

/** The window on the screen, or asked for; null while nobody knows. */
export function limitsOf({ window: { mode, min, max }, shown }: Display): Limits | null {
  return mode === "fixed" && min !== null && max !== null ? [min, max] : shown;
}

/** A window between two values. Always whole, so that nothing of it is left to what stands elsewhere. */
export function fixed(window: Window, [min, max]: Limits): Window {
  return { ...window, mode: "fixed", min, max };
}

/** As it was before anybody changed anything. */
export function reset({ window }: Display): Patch {
  return {
    window: {
      ...window,
      mode: "default",
      percentiles: PERCENTILES,
      ignore_zero: false,
      ignore_saturated: false,
      ...(window.roi === undefined ? {} : { roi: null }),
    },
    gamma: 1,
    colormap: "gray",
    invert: false,
    highlight: false,
  };
}

/** Text of a change as the runner takes it: a limit that is null was never set, and is not mentioned. */
export function toJson(patch: Patch): string {
  return JSON.stringify(patch, (key, value: unknown) => (key === "roi" ? value : (value ?? undefined)));
}
