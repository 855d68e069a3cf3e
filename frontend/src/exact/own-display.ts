/**
 * How one pane of exact pixels is looked at: what the runner does for all who look at a stream, done here for one. It
 * answers to the same control, so that the same panel works on it.
 */
import { Control, type Runner } from "../display/control";
import { apply, type Display, type Patch, type Settings } from "../display/settings";
import { bytesOf, fullRange, isFloat } from "./dtype";
import { Follow, once, type Auto } from "./follow";
import { limits, windowOf, type Look, type Window } from "./look";
import type { Pixels } from "./pixels";
import { Estimate } from "./sample";

/** The panel is told of the window so often at most, ms. */
const TELL_MS = 250;
/** Until the values say more. */
const UNKNOWN: Window = { black: 0, white: 1 };

type Range = readonly [min: number, max: number];

/** What frames of one producer and one type have taught. */
interface Learned {
  of: string;
  estimate: Estimate;
  follow: Follow | null;
}

export class OwnDisplay {
  readonly control: Control;
  /** Changes it without the control's doing, and whatever else the control changes along. */
  readonly runner: Runner;
  private settings: Settings;
  private learned: Learned = { of: "", estimate: new Estimate(), follow: null };
  private newest: Pixels | null = null;
  private shown: Window | null = null;
  private toldMs = -Infinity;

  /**
   * `begin` is what it starts from, `range` what the producer says of its values, `keep` hears of every change. What the
   * control changes goes through `link`, which may change others along.
   */
  constructor(
    begin: Display,
    private readonly range: () => Range | null,
    private readonly keep: (settings: Settings) => void = () => undefined,
    link: (own: Runner) => Runner = (own) => own,
  ) {
    const { shown, ...settings } = begin;
    this.settings = settings;
    this.shown = shown === null ? null : windowOf(...shown);
    const told = async (display: Promise<Display>): Promise<Display> => {
      this.control.followed(await display);
      return display;
    };
    this.runner = { patch: (patch) => told(this.patch(patch)), auto: () => told(this.auto()) };
    this.control = new Control(begin, link({ patch: (patch) => this.patch(patch), auto: () => this.auto() }));
  }

  /** How this frame is to be drawn. */
  look(pixels: Pixels): Look {
    // With what is under way: nobody waits for himself.
    const { shown, ...wanted } = this.control.display.peek();
    if (problem(wanted) === null) this.settings = wanted;
    const { settings } = this;
    this.newest = pixels;
    const window = this.window(pixels, settings);
    this.shown = window;
    const nowMs = performance.now();
    const told = shown !== null && shown[0] === window.black && shown[1] === window.white;
    if (!told && nowMs - this.toldMs >= TELL_MS) {
      this.toldMs = nowMs;
      // Not while a frame is drawn: whoever hears of it may draw.
      queueMicrotask(() => this.control.heard(this.display()));
    }
    const { gamma, colormap, invert, highlight } = settings;
    // RGB has colours of its own.
    if (pixels.channels > 1) return { window, gamma, colormap: "gray", invert, highlight: null };
    const marks = highlight ? limits(pixels.dtype, this.range()) : null;
    return { window, gamma, colormap, invert, highlight: marks };
  }

  private window(pixels: Pixels, { window }: Settings): Window {
    const { dtype, frame } = pixels;
    const of = `${frame.session ?? ""} ${dtype} ${pixels.channels}`;
    if (this.learned.of !== of) this.learned = { of, estimate: new Estimate(), follow: null };
    const { learned } = this;
    if (window.mode !== "auto") learned.follow = null;
    const [range, full] = [this.range(), fullRange(dtype)];
    const given = (...ends: (Range | null)[]): Window => {
      const [first] = ends.filter((end) => end !== null);
      return (first === undefined ? null : windowOf(...first)) ?? learned.estimate.window(pixels) ?? UNKNOWN;
    };
    switch (window.mode) {
      case "default":
        // More bits are seldom filled: of a camera with 12 in 16, all that they hold would be a black picture.
        return given(range, bytesOf(dtype) === 1 ? full : null);
      case "full":
        return given(full, range);
      case "fixed":
        return windowOf(window.min ?? NaN, window.max ?? NaN) ?? UNKNOWN;
      case "auto": {
        const auto = this.autoOf(pixels, window);
        if (JSON.stringify(auto) !== JSON.stringify(learned.follow?.auto)) learned.follow = new Follow(auto);
        return learned.follow?.window(pixels) ?? UNKNOWN;
      }
    }
  }

  private autoOf(
    { dtype }: Pixels,
    { percentiles, ignore_zero, ignore_saturated }: Settings["window"],
  ): Auto {
    const range = this.range();
    // A float has no end of its own, only one that its producer gave it.
    const ends = !isFloat(dtype) || range !== null;
    const saturated = ignore_saturated && ends ? limits(dtype, range).saturated : null;
    return { percentiles, ignore: { zero: ignore_zero, saturated } };
  }

  private display(): Display {
    const { shown, settings } = this;
    return { ...settings, shown: shown === null ? null : [shown.black, shown.white] };
  }

  private patch(patch: Patch): Promise<Display> {
    const { shown, ...next } = apply(this.display(), owned(patch));
    const why = problem(next);
    if (why !== null) return Promise.reject(new Error(why));
    this.settings = next;
    this.keep(next);
    if (this.newest !== null) this.shown = this.window(this.newest, next);
    return Promise.resolve(this.newest === null ? { ...next, shown } : this.display());
  }

  private auto(): Promise<Display> {
    const { newest, settings } = this;
    if (newest === null) return Promise.reject(new Error("there is no frame yet"));
    const found = once(newest, this.autoOf(newest, settings.window));
    if (found === null) return Promise.reject(new Error("the frame has no value that counts"));
    const window = { ...settings.window, mode: "fixed" as const, min: found.black, max: found.white };
    return this.patch({ window });
  }
}

/** What a pane can do of this by itself: regions are the runner's. */
export function owned<T extends Patch>(patch: T): T {
  if (patch.window === undefined) return patch;
  const window = { ...patch.window };
  delete window.roi;
  return { ...patch, window };
}

/** What is wrong with settings, as the runner says it; null where nothing is. */
export function problem({ window, gamma }: Settings): string | null {
  const { min, max, mode } = window;
  const [low, high] = window.percentiles;
  if (!(gamma >= 0.05 && gamma <= 20)) return `gamma is ${gamma}: expected 0.05 to 20`;
  if (!(low >= 0 && low < high && high <= 100)) {
    return `window.percentiles are ${low} and ${high}: expected 0 to 100, the low one below the high one`;
  }
  for (const [name, value] of [
    ["min", min],
    ["max", max],
  ] as const) {
    if (value === null && mode === "fixed") return `window.${name} is missing: expected a finite number`;
    if (value !== null && !Number.isFinite(value)) {
      return `window.${name} is ${value}: expected a finite number`;
    }
  }
  if (min !== null && max !== null && windowOf(min, max) === null) {
    return `window.min is ${min}, max is ${max}: expected min below max`;
  }
  return null;
}
