/** How large a picture is shown, while it is not shown whole. */
import { Icon } from "../panes/icon";
import { ZOOM_STEP } from "./control";
import type { Viewport } from "./viewport";

interface Props {
  id: string;
  viewport: Viewport;
  onZoom: (factor: number) => void;
}

export function ZoomBar({ id, viewport, onZoom }: Props) {
  if (!viewport.zoomed) return null;
  const zoom = viewport.zoom < 9.95 ? viewport.zoom.toFixed(1).replace(/\.0$/, "") : viewport.zoom.toFixed(0);
  const { width, height } = viewport.region.value;
  return (
    <div class="zoom-bar" onDblClick={(event) => event.stopPropagation()}>
      <button
        type="button"
        title="Smaller (−)"
        aria-label={`zoom out of ${id}`}
        onClick={() => onZoom(1 / ZOOM_STEP)}
      >
        <Icon name="minus" />
      </button>
      <button
        type="button"
        class="zoom-chip"
        title={`${width.toFixed(0)} × ${height.toFixed(0)} pixels are shown. All of the picture (0)`}
        aria-label={`${id} is zoomed ${zoom} times: show all of it`}
        data-zoom={String(viewport.zoom)}
        onClick={() => viewport.reset()}
      >
        {zoom}×
      </button>
      <button
        type="button"
        title="Larger (+)"
        aria-label={`zoom into ${id}`}
        onClick={() => onZoom(ZOOM_STEP)}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}
