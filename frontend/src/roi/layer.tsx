/** The regions of a stream over its picture, and the one that is being drawn. */
import { useMemo, useRef } from "preact/hooks";
import type { Session } from "../panes/session";
import { magnification, toBox } from "../viewport/geometry";
import type { LayerProps } from "../viewport/layer";
import { useSize } from "../viewport/use-size";
import type { Viewport } from "../viewport/viewport";
import { placesOf } from "./color";
import { shapeOf, type Drawing } from "./drawing";
import { boundsOf, handlesOf } from "./geometry";
import { Gestures, type World } from "./gestures";
import { LABEL_PX, placeLabels } from "./labels";
import { line, outline, type Project } from "./outline";
import type { Roi } from "./shape";
import { useGestures } from "./use-gestures";
import "./roi.css";

/** Width of a letter of a label, CSS pixels: enough for most. */
const LETTER_PX = 6.6;
/** Half the side of a handle, CSS pixels. */
const HANDLE_PX = 4;

export function RoiLayer({ session, stream, viewport }: LayerProps) {
  const { id } = stream;
  const svg = useRef<SVGSVGElement>(null);
  const size = useSize(svg).value;
  const gestures = useMemo(() => new Gestures(worldOf(session, id, viewport)), [session, id, viewport]);
  useGestures({ svg, gestures, session, stream, viewport });

  const store = session.rois.of(id);
  const rois = store.rois.value;
  const refusal = store.refusal.value;
  const selected = selectedOf(session, id);
  const drawing = gestures.drawing.value;
  const over = gestures.over.value;
  const region = viewport.region.value;
  const project: Project = (x, y) => toBox(size, region, x, y);

  const places = placesOf(rois.map(({ name }) => name));
  const color = (name: string) => session.theme.value.color(places.get(name) ?? 0);
  const scale = magnification(size, region);
  const rank = ({ name }: Roi) => (name === selected ? 0 : name === over?.name ? 1 : 2);
  const labels = placeLabels(
    rois
      .toSorted((a, b) => rank(a) - rank(b))
      .map(({ name, shape }) => {
        const { x, y, width, height } = boundsOf(shape);
        const area = { ...project(x, y), width: width * scale, height: height * scale };
        return { name, area, width: name.length * LETTER_PX + 4 };
      }),
    size,
  );
  const chosen = rois.find(({ name }) => name === selected);
  return (
    <>
      <svg
        ref={svg}
        class="roi-layer"
        role="group"
        aria-label={`regions of ${id}`}
        data-tool={session.tool.value}
        data-selected={selected ?? ""}
        data-drawing={drawing?.type ?? ""}
      >
        {rois.map((roi) => {
          const label = labels.get(roi.name);
          return (
            <g
              key={roi.name}
              class="roi"
              role="button"
              tabIndex={roi === (chosen ?? rois[0]) ? 0 : -1}
              aria-pressed={roi === chosen}
              aria-label={`region ${roi.name}, ${roi.shape.type}`}
              data-roi={roi.name}
              style={{ color: color(roi.name) }}
              onFocus={() => session.rois.select(id, roi.name)}
            >
              <Outline path={outline(roi.shape, project)} />
              {label !== undefined && (
                <text x={label.left + 2} y={label.top + LABEL_PX - 3}>
                  {roi.name}
                </text>
              )}
            </g>
          );
        })}
        {chosen !== undefined && <Handles roi={chosen} project={project} color={color(chosen.name)} />}
        {drawing !== null && (
          <g class="roi drawn">
            <Outline path={drawn(drawing, viewport, project)} />
          </g>
        )}
      </svg>
      {refusal !== null && (
        <p class="roi-refusal" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

/** A line that is seen on dark and on bright ground. */
function Outline({ path }: { path: string }) {
  return (
    <>
      <path class="roi-halo" d={path} />
      <path class="roi-line" d={path} />
    </>
  );
}

function Handles({ roi, project, color }: { roi: Roi; project: Project; color: string }) {
  return (
    <g class="roi-handles" style={{ color }}>
      {handlesOf(roi.shape).map(({ at: [x, y] }, index) => {
        const { left, top } = project(x, y);
        const side = 2 * HANDLE_PX;
        return <rect key={index} x={left - HANDLE_PX} y={top - HANDLE_PX} width={side} height={side} />;
      })}
    </g>
  );
}

/** What is drawn, as a path: a polygon is open until it is done. */
function drawn(drawing: Drawing, viewport: Viewport, project: Project): string {
  if (drawing.type === "polygon") return line([...drawing.points, drawing.at], project, false);
  const shape = shapeOf(drawing, viewport.frame.value);
  return shape === null ? "" : outline(shape, project);
}

function selectedOf({ rois }: Session, id: string): string | null {
  const selection = rois.selection.value;
  return selection?.stream === id ? selection.name : null;
}

function worldOf(session: Session, id: string, viewport: Viewport): World {
  const { rois } = session;
  return {
    tool: () => session.tool.peek(),
    frame: () => viewport.frame.peek(),
    rois: () => rois.of(id).rois.peek(),
    selected: () => {
      const selection = rois.selection.peek();
      return selection?.stream === id ? selection.name : null;
    },
    select: (name) => rois.select(id, name),
    add: (shape) => rois.add(id, shape),
    change: (name, shape) => rois.change(id, name, shape),
    remove: (name) => rois.remove(id, name),
  };
}
