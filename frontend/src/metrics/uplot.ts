/** A chart drawn by uPlot: many points, same look. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { label, timeOfDay } from "../format";
import type { Chart, CreateChart, Scene } from "./chart";
import { columns } from "./columns";

/** Width of a column of pixels into which samples are gathered, CSS pixels. */
const COLUMN_PX = 1;

/** Half the width of a time label, in font sizes: one that would be cut off at an edge is left out. */
const HALF_LABEL_EM = 2.4;

function times(plot: uPlot, ticks: number[], fontSize: number): string[] {
  const width = plot.bbox.width / devicePixelRatio;
  const half = HALF_LABEL_EM * fontSize;
  return ticks.map((t) => {
    const x = plot.valToPos(t, "x");
    return x < half || x > width - half ? "" : timeOfDay(t * 1000);
  });
}

export const create: CreateChart = (element, look, seriesCount): Promise<Chart> => {
  const font = `${look.fontSize}px ${look.font}`;
  const axis: uPlot.Axis = {
    font,
    stroke: look.label,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
  };
  const plot = new uPlot(
    {
      width: 100,
      height: 100,
      // Left and right edges lie where those of Vega-Lite lie: both may draw in one pane.
      padding: [6, 0, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: true, auto: false }, y: { auto: true } },
      axes: [
        {
          ...axis,
          size: look.timeLabels ? 2 * look.fontSize : 4,
          gap: 2,
          space: 10 * look.fontSize,
          values: (plot, ticks) =>
            look.timeLabels ? times(plot, ticks, look.fontSize) : ticks.map(() => ""),
        },
        {
          ...axis,
          size: look.axisWidth,
          gap: 6,
          space: 38,
          values: (_, ticks) => ticks.map((t) => label(t, (ticks[1] ?? t) - (ticks[0] ?? t))),
        },
      ],
      series: [
        {},
        ...Array.from({ length: seriesCount }, (_, i) => ({
          stroke: look.color(i),
          width: look.lineWidth,
          points: { show: false },
        })),
      ],
    },
    [[], ...Array.from({ length: seriesCount }, () => [])],
    element,
  );
  return Promise.resolve({
    renderer: "uplot",
    async draw({ histories, fromMs, toMs, width, height }: Scene) {
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      const columnMs = ((toMs - fromMs) * COLUMN_PX) / Math.max(50, width - look.axisWidth);
      plot.batch(() => {
        plot.setData(columns(histories, fromMs, toMs, columnMs), false);
        plot.setScale("x", { min: fromMs / 1000, max: toMs / 1000 });
      });
      // uPlot paints in a microtask: whoever measures this call measures the painting.
      await Promise.resolve();
    },
    dispose: () => plot.destroy(),
  });
};
