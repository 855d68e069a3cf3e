/** The regions of a stream, beside its picture: what to draw, which there are, what they measure now. */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useFloat } from "../display/use-float";
import type { FrameStream } from "../metrics/message";
import { Icon } from "../panes/icon";
import type { Session } from "../panes/session";
import * as format from "../format";
import { pathOf } from "./api";
import { RoiList } from "./list";
import { parseFile } from "./shape";
import { TOOLS, type Tool } from "./tool";

interface Props {
  session: Session;
  stream: FrameStream;
  /** The element of the pane. */
  pane: RefObject<HTMLElement | null>;
  onClose: () => void;
}

/** Files of regions are not larger, bytes. */
const MOST_BYTES = 32 << 20;

const TITLES: Readonly<Record<Tool, string>> = {
  pointer: "Select, move and resize (Esc)",
  rectangle: "Rectangle: drag; with Shift a square",
  ellipse: "Ellipse: drag; with Shift a circle",
  polygon: "Polygon: click corner after corner; a double click, Enter or the first corner ends it",
};

export function RoiPanel({ session, stream, pane, onClose }: Props) {
  const { id } = stream;
  const { rois, tool } = session;
  const panel = useRef<HTMLElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const skipped = stream.rois?.skipped ?? 0;
  useFloat(pane, panel);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);

  const load = async (chosen: File): Promise<void> => {
    const store = rois.of(id);
    if (chosen.size > MOST_BYTES) {
      store.complain(`${chosen.name} has ${format.count(chosen.size)} bytes: expected at most ${MOST_BYTES}`);
      return;
    }
    const read = parseFile(await chosen.text());
    if (read.status === "ok") rois.replace(id, read.message);
    else store.complain(`${chosen.name} holds no regions: ${read.reason}`);
  };
  return (
    <section
      ref={panel}
      class="display-panel roi-panel"
      popover="manual"
      role="dialog"
      aria-label={`list of regions of ${id}`}
      tabIndex={-1}
      data-id={id}
      onDblClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        if (tool.value === "pointer") onClose();
        else tool.value = "pointer";
      }}
    >
      <header>
        <h3>Regions</h3>
        <span class="display-of">{id}</span>
        <button type="button" title="Close (Esc)" aria-label="close regions" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="roi-head">
        <div class="segmented roi-tools" role="group" aria-label="tools">
          {TOOLS.map((one) => (
            <button
              key={one}
              type="button"
              title={TITLES[one]}
              aria-label={one}
              aria-pressed={tool.value === one}
              onClick={() => (tool.value = one)}
            >
              <Icon name={one} />
            </button>
          ))}
        </div>
        <span title="Of the values of all pixels of a region, in the frame on screen">mean</span>
      </div>
      <RoiList session={session} id={id} />
      {skipped > 0 && (
        <p class="display-why">
          {format.plural(skipped, "frame")} not measured: the runner measures as fast as it can.
        </p>
      )}
      <div class="display-row buttons-row">
        <a class="roi-save" href={pathOf(id)} download={`${id}-rois.json`} title="All regions as a JSON file">
          <Icon name="save" /> Export
        </a>
        <button
          type="button"
          title="The regions of a JSON file instead of all that there are"
          onClick={() => file.current?.click()}
        >
          <Icon name="upload" /> Import
        </button>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          aria-label="file of regions"
          hidden
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            if (chosen !== undefined) void load(chosen);
            // The same file once more is chosen anew.
            currentTarget.value = "";
          }}
        />
      </div>
    </section>
  );
}
