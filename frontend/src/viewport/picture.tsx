/** A picture in its box: the part of it that is looked at, and layers over it. */
import type { Ref } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { LayerProps } from "./layer";
import "./viewport.css";

interface Props extends LayerProps {
  /** Where players are put. */
  players: Ref<HTMLDivElement>;
  onDblClick: () => void;
}

export function Picture({ players, onDblClick, ...layer }: Props) {
  const { stream, viewport } = layer;
  const [height = 3, width = 4] = stream.format?.shape ?? [];
  useLayoutEffect(() => viewport.resize(width, height), [viewport, width, height]);

  const { x, y } = viewport.region.value;
  return (
    <div
      class="picture"
      data-zoomed={String(viewport.zoomed)}
      style={{
        "--pad-x": String(padded(width) / width),
        "--pad-y": String(padded(height) / height),
        "--zoom": String(viewport.zoom),
        "--left": String(x / viewport.frame.value.width),
        "--top": String(y / viewport.frame.value.height),
      }}
      onDblClick={onDblClick}
    >
      <div class="players" ref={players} />
      <div class="layers" />
    </div>
  );
}

/** Video has even sides: an odd one is padded by a line that is not shown. */
function padded(side: number): number {
  return side + (side % 2);
}
