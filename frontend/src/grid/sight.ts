/**
 * Which panes are on the screen: who is not plays nothing, fetches nothing and draws nothing. A pane is woken a little
 * before it comes into sight, and put to sleep only when it stays out of it.
 */
import { signal, type ReadonlySignal, type Signal } from "@preact/signals";

/** So far out of the window a pane is as good as in it, in parts of the window's height. */
const MARGIN = 0.2;
/** Who is out of sight for so long falls asleep, ms; scrolling past wakes nobody twice. */
const SLEEP_MS = 1000;
/** The same, for all of a page that nobody looks at: another tab is often looked at for a moment only. */
const HIDDEN_SLEEP_MS = 5000;

interface Watched {
  element: HTMLElement;
  near: Signal<boolean>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Sight {
  private readonly watched = new Map<string, Watched>();
  /** The page is looked at. */
  private readonly page = signal(!document.hidden);
  /** Key of the pane that fills the screen. */
  private readonly full = signal<string | null>(null);
  private observer: IntersectionObserver | null = null;
  private root: HTMLElement | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts up when there are others to watch. */
  private readonly known = signal(0);

  /** `maximised` is the key of the pane that fills the window, and lies over all others. */
  constructor(private readonly maximised: ReadonlySignal<string | null>) {
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.timer);
      if (!document.hidden) this.page.value = true;
      else this.timer = setTimeout(() => (this.page.value = false), HIDDEN_SLEEP_MS);
    });
    document.addEventListener("fullscreenchange", () => {
      const slot = document.fullscreenElement?.closest<HTMLElement>("[data-slot]");
      this.full.value = slot?.dataset["slot"] ?? null;
    });
  }

  /** Whether a pane is on the screen, or about to be; not as long as nobody watches it. */
  awake(key: string): boolean {
    if (!this.page.value) return false;
    const alone = this.full.value ?? this.maximised.value;
    if (this.known.value > 0 && alone !== null && this.watched.has(alone)) return alone === key;
    return this.watched.get(key)?.near.value === true;
  }

  /** From now on these elements are the places of panes, by their keys; `root` scrolls them. */
  watch(elements: ReadonlyMap<string, HTMLElement>, root: HTMLElement): void {
    if (this.root !== root) this.begin(root);
    for (const [key, { element, timer }] of this.watched) {
      if (elements.get(key) === element) continue;
      this.observer?.unobserve(element);
      clearTimeout(timer);
      this.watched.delete(key);
    }
    for (const [key, element] of elements) {
      if (this.watched.has(key)) continue;
      // Told at once: the first picture waits for nothing.
      this.watched.set(key, { element, near: signal(isNear(element, root)), timer: undefined });
      this.observer?.observe(element);
    }
    this.known.value++;
  }

  private begin(root: HTMLElement): void {
    this.observer?.disconnect();
    this.root = root;
    this.watched.clear();
    this.observer = new IntersectionObserver(
      (records) => {
        for (const { target, isIntersecting } of records) this.tell(target, isIntersecting);
      },
      { root, rootMargin: `${100 * MARGIN}% 0%` },
    );
  }

  /** It was not in sight for a while. What is dragged is on the screen, though not where its place is. */
  private lost({ element, near }: Watched): void {
    if (this.root === null || !isNear(element, this.root)) near.value = false;
  }

  private tell(element: Element, near: boolean): void {
    for (const watched of this.watched.values()) {
      if (watched.element !== element) continue;
      clearTimeout(watched.timer);
      if (near) watched.near.value = true;
      else watched.timer = setTimeout(() => this.lost(watched), SLEEP_MS);
    }
  }
}

function isNear(element: HTMLElement, root: HTMLElement): boolean {
  const [box, window] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
  const margin = MARGIN * window.height;
  return box.bottom > window.top - margin && box.top < window.bottom + margin;
}
