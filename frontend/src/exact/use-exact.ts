/** What a pane shows of exact pixels, as long as it is there. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { Control } from "../display/control";
import type { FrameStream } from "../metrics/message";
import type { Session } from "../panes/session";
import type { ShownFrame } from "../video/frame";
import type { Showing } from "../video/showing";
import { ExactPane } from "./exact-pane";
import type { Place } from "./player";
import "./exact.css";

export interface Exact {
  /** Whether this pane is to show exact pixels. */
  wanted: boolean;
  /** For the player of the path `exact`. */
  place: () => Place;
  /** A frame came on screen. */
  onFrame(frame: ShownFrame): void;
  /** What is on screen is this: an exact frame may stand over it. Called whenever the pane is shown anew. */
  shows(showing: Showing): void;
  /** How this pane alone is looked at; null while that is the same for all. */
  control: Control | null;
  /** Whether what is on screen is exact, however it came. */
  covers: boolean;
  /** What is to be said of it. */
  note: string | null;
}

/** `players` is where players are put; it exists when the pane is on the page. */
export function useExact(
  session: Session,
  stream: FrameStream,
  players: RefObject<HTMLElement | null>,
): Exact {
  const { id } = stream;
  const { exacts, groups, playback, viewports } = session;
  const latest = useRef(stream);
  latest.current = stream;
  const pane = useRef<ExactPane | null>(null);
  const wanted = session.isExact(id);
  const wants = useRef(wanted);
  wants.current = wanted;

  const have = (): ExactPane => {
    if (players.current === null) throw new Error("the pane is not on the page");
    pane.current ??= new ExactPane(id, exacts, players.current, viewports.of(id), () => latest.current, {
      members: () => groups.members(id),
      runnerOf: session.runnerOf,
    });
    return pane.current;
  };
  useLayoutEffect(
    () => () => {
      pane.current?.dispose();
      pane.current = null;
    },
    [id],
  );

  const stands = (frame: ShownFrame | null): void => {
    const paused = playback.mode.peek().stand !== null;
    if (paused && wants.current && frame !== null) have().standsAt(frame);
    else {
      pane.current?.standsAt(null);
      if (paused) pane.current?.plays();
    }
  };
  return {
    wanted,
    place: () => have().place(),
    onFrame(frame) {
      if (playback.mode.peek().stand === null) pane.current?.plays();
      stands(frame);
    },
    shows: ({ frame }) => stands(frame),
    control: wanted ? (pane.current?.control ?? null) : null,
    covers: pane.current?.covers ?? false,
    note: pane.current?.note ?? null,
  };
}
