/** What one pane has for exact pixels, whichever player or still frame shows them. */
import type { Control, Runner } from "../display/control";
import { linked } from "../display/linked";
import { PLAIN } from "../display/settings";
import type { FrameStream } from "../metrics/message";
import type { ShownFrame } from "../video/frame";
import type { Viewport } from "../viewport/viewport";
import type { Exacts } from "./exacts";
import { OwnDisplay, owned } from "./own-display";
import type { Place } from "./player";
import { Screen } from "./screen";
import { fetchFrame, Standing } from "./standing";

/** The streams that are looked at together with this one. */
export interface Group {
  members: () => readonly string[];
  /** Changes how one of them is looked at on this page. */
  runnerOf: (id: string) => Runner;
}

interface Parts {
  display: OwnDisplay;
  screen: Screen;
  standing: Standing;
}

export class ExactPane {
  private parts: Parts | null = null;

  /** `players` is the element that the part of the frame that is looked at fills. */
  constructor(
    private readonly id: string,
    private readonly exacts: Exacts,
    private readonly players: HTMLElement,
    private readonly viewport: Viewport,
    private readonly stream: () => FrameStream,
    private readonly group: Group,
  ) {
    exacts.panes.set(id, this);
  }

  /** Null as long as nothing exact was shown. */
  get screen(): Screen | null {
    return this.parts?.screen ?? null;
  }

  /** How it is looked at, in this pane alone; null as long as nothing exact was shown. */
  get control(): Control | null {
    return this.parts?.display.control ?? null;
  }

  /** Changes how it is looked at when another of its group is changed; null as long as nothing exact was shown. */
  get runner(): Runner | null {
    return this.parts?.display.runner ?? null;
  }

  /** Whether the frame at which the page stands is here, and on screen. */
  get covers(): boolean {
    return this.parts?.standing.covers ?? false;
  }

  /** What is to be said of what is on screen; null for nothing. */
  get note(): string | null {
    if (this.parts === null) return null;
    const { screen, standing } = this.parts;
    return standing.note.value ?? (screen.canvas.isConnected ? screen.note.value : null);
  }

  /** For a player of exact pixels. */
  place(): Place {
    const { screen } = this.have();
    return {
      screen,
      onView: (listener) => {
        const observer = new ResizeObserver(listener);
        observer.observe(this.players);
        const forget = this.viewport.region.subscribe(listener);
        return () => {
          observer.disconnect();
          forget();
        };
      },
    };
  }

  /** The page stands at this frame; null while it plays, or is not to be exact. */
  standsAt(frame: ShownFrame | null): void {
    if (frame !== null) this.have().standing.at(frame);
    else this.parts?.standing.at(null);
  }

  /** A frame came on screen while the page plays. */
  plays(): void {
    this.parts?.standing.uncover();
  }

  dispose(): void {
    if (this.exacts.panes.get(this.id) === this) this.exacts.panes.delete(this.id);
    this.standsAt(null);
    this.parts?.screen.dispose();
    this.parts?.display.control.dispose();
  }

  private have(): Parts {
    this.parts ??= this.make();
    return this.parts;
  }

  private make(): Parts {
    const { id, exacts, group } = this;
    const everybody = this.stream().display ?? PLAIN;
    const display = new OwnDisplay(
      owned({ ...everybody, ...exacts.settings(id) }),
      () => this.stream().format?.range ?? null,
      (settings) => exacts.keepSettings(id, settings),
      (own) => linked(id, group.members, (member) => (member === id ? own : group.runnerOf(member))),
    );
    const screen = new Screen(this.players, this.viewport, display);
    const standing = new Standing(this.players, screen, (frame, signal) => fetchFrame(id, frame, signal));
    return { display, screen, standing };
  }
}
