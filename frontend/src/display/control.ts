/**
 * How one stream is looked at, as the page shows it: what the runner said last, and over it what was changed here
 * and the runner has not confirmed.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { Courier } from "./courier";
import { apply, fixed, limitsOf, reset, type Display, type Limits, type Patch } from "./settings";

/** The runner, as far as one stream's display goes. All reject with a sentence where it refuses or is not there. */
export interface Runner {
  /** Changes what is mentioned. */
  patch(patch: Patch): Promise<Display>;
  /** A fixed window from the newest frame's values. */
  auto(): Promise<Display>;
}

/** What the runner refused, and why. */
export interface Refusal {
  /** Which settings it was about. */
  about: readonly (keyof Patch | "auto")[];
  text: string;
}

/** The stream itself did as it was told, but one that is linked with it refused. */
export class Elsewhere extends Error {
  constructor(
    readonly display: Display,
    text: string,
  ) {
    super(text);
  }
}

/** A change of settings, then, if asked for, an automatic window. */
interface Wish {
  patch: Patch;
  auto: boolean;
}

/** At most 15 changes per second. */
const INTERVAL_MS = 67;
/** What the runner tells all pages may be older than its last answer for so long, ms. */
const HOLD_MS = 300;

export class Control {
  private readonly said;
  private readonly shown;
  private readonly refused = signal<Refusal | null>(null);
  private readonly courier: Courier<Wish>;
  private answeredMs = -Infinity;

  constructor(
    said: Display,
    private readonly runner: Runner,
  ) {
    this.said = signal(said);
    this.shown = signal(said);
    this.courier = new Courier<Wish>({
      intervalMs: INTERVAL_MS,
      deliver: (wish) => this.deliver(wish),
      done: () => this.show(),
      merge: together,
    });
  }

  /** As the page shows it. */
  get display(): ReadonlySignal<Display> {
    return this.shown;
  }

  get refusal(): ReadonlySignal<Refusal | null> {
    return this.refused;
  }

  /** What the runner tells everybody. */
  heard(display: Display): void {
    if (performance.now() - this.answeredMs < HOLD_MS) return;
    this.said.value = display;
    this.show();
  }

  /** What became of it when somebody changed another one that is linked with it. */
  followed(display: Display): void {
    this.answered(display);
    this.show();
  }

  change(patch: Patch): void {
    this.give({ patch, auto: false });
  }

  /** A window between two values that stays. */
  fix(limits: Limits): void {
    this.change({ window: fixed(this.shown.peek().window, limits) });
  }

  /** A window that goes by the values: once, or from now on. */
  auto(how: "once" | "continuous"): void {
    if (how === "once") this.give({ patch: {}, auto: true });
    else this.change({ window: { ...this.shown.peek().window, mode: "auto" } });
  }

  /** An automatic window stays where it is. */
  hold(): void {
    const limits = limitsOf(this.shown.peek());
    if (limits !== null) this.fix(limits);
  }

  reset(): void {
    this.change(reset(this.shown.peek()));
  }

  dispose(): void {
    this.courier.dispose();
  }

  private give(wish: Wish): void {
    this.refused.value = null;
    this.courier.give(wish);
    this.show();
  }

  /** What the runner said, and over it what is under way. */
  private show(): void {
    this.shown.value = this.courier.loads.reduce(
      (display, { patch }) => apply(display, patch),
      this.said.peek(),
    );
  }

  private async deliver({ patch, auto }: Wish): Promise<void> {
    let about: Refusal["about"] = keys(patch);
    try {
      if (about.length > 0) this.answered(await this.runner.patch(patch));
      about = ["auto"];
      if (auto) this.answered(await this.runner.auto());
    } catch (error) {
      if (error instanceof Elsewhere) this.answered(error.display);
      this.refused.value = { about, text: error instanceof Error ? error.message : String(error) };
    }
  }

  private answered(display: Display): void {
    this.answeredMs = performance.now();
    this.said.value = display;
  }
}

/** A window that is asked for takes the place of an automatic one that was asked for before. */
function together(older: Wish, newer: Wish): Wish {
  return {
    patch: { ...older.patch, ...newer.patch },
    auto: newer.auto || (older.auto && newer.patch.window === undefined),
  };
}

function keys(patch: Patch): (keyof Patch)[] {
  return Object.keys(patch) as (keyof Patch)[];
}
