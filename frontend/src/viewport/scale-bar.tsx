/** How large things in the picture are. */
import { scale } from "./scale";
import { magnification } from "./geometry";
import type { LayerProps } from "./layer";
import type { Size } from "./viewport";

/** Of the picture's width, and CSS pixels. */
const MOST = { share: 0.3, px: 160 };

/** Nothing where the size of a pixel is not known. Pixels that are not square are measured along their width. */
export function ScaleBar({ stream, viewport, box }: LayerProps & { box: Size }) {
  const size = stream.format?.pixel_size?.[1];
  if (size === undefined || box.width === 0) return null;
  const { length, unit, px } = scale(
    size,
    stream.format?.pixel_unit ?? "µm",
    magnification(box, viewport.region.value),
    Math.min(MOST.px, MOST.share * box.width),
  );
  const text = `${length} ${unit}`;
  return (
    <div
      class="scale-bar"
      role="img"
      aria-label={`scale bar of ${stream.id}: ${text}`}
      data-length={String(length)}
      data-unit={unit}
    >
      <span>{text}</span>
      <i style={{ width: `${px.toFixed(3)}px` }} />
    </div>
  );
}
