/** Opens the regions of a picture. */
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import type { FrameStream } from "../metrics/message";
import { Icon } from "../panes/icon";
import type { Session } from "../panes/session";
import { RoiPanel } from "./panel";

interface Props {
  session: Session;
  stream: FrameStream;
  /** The element of the pane. */
  pane: RefObject<HTMLElement | null>;
}

export function RoiButton({ session, stream, pane }: Props) {
  const open = useSignal(false);
  if (stream.rois === null) return null;
  const close = (): void => {
    open.value = false;
    session.tool.value = "pointer";
  };
  return (
    <>
      <button
        type="button"
        title="Regions of interest: draw, list, save"
        aria-label={`regions of ${stream.id}`}
        aria-expanded={open.value}
        onClick={() => (open.value ? close() : (open.value = true))}
      >
        <Icon name="region" />
      </button>
      {open.value && <RoiPanel session={session} stream={stream} pane={pane} onClose={close} />}
    </>
  );
}
