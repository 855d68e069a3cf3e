/** The Vega-Lite specification of a chart of lines over time, as plain data. */
import type { TopLevelSpec } from "vega-lite";
import type { Look } from "./look";

/** Name of the data set into which samples are streamed. */
export const DATASET = "samples";

/** Large numbers are written with an SI prefix, all others as they are. */
const SI_LABEL = "abs(datum.value) >= 1e5 ? format(datum.value, '~s') : datum.label";

/** One row of the data set: time in ms since the Unix epoch, series, value or null for a gap. */
export interface Row {
  t: number;
  s: number;
  v: number | null;
}

/** Lines of series `0..n`, in a window of time given by the signals `from` and `to`. */
export function spec(look: Look, seriesCount: number): TopLevelSpec {
  const indices = Array.from({ length: seriesCount }, (_, i) => i);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 100,
    height: 100,
    autosize: { type: "fit", contains: "padding" },
    padding: 0,
    background: "transparent",
    params: [
      { name: "from", value: 0 },
      { name: "to", value: 1 },
    ],
    data: { name: DATASET },
    mark: {
      type: "line",
      strokeWidth: look.lineWidth,
      interpolate: "linear",
      clip: true,
      invalid: "break-paths-show-path-domains",
    },
    encoding: {
      x: {
        field: "t",
        type: "temporal",
        scale: { domainMin: { expr: "from" }, domainMax: { expr: "to" } },
        axis: {
          title: null,
          labels: look.timeLabels,
          format: "%H:%M:%S",
          tickCount: { expr: "width / 110" },
          labelBound: true,
          labelFlush: false,
        },
      },
      y: {
        field: "v",
        type: "quantitative",
        scale: { zero: false, nice: true },
        axis: {
          title: null,
          labelExpr: SI_LABEL,
          tickCount: { expr: "max(2, height / 42)" },
          minExtent: look.axisWidth,
          maxExtent: look.axisWidth,
        },
      },
      color: {
        field: "s",
        type: "nominal",
        scale: { domain: indices, range: indices.map((i) => look.color(i)) },
        legend: null,
      },
    },
    config: {
      font: look.font,
      view: { stroke: null },
      axis: {
        labelColor: look.label,
        labelFont: look.font,
        labelFontSize: look.fontSize,
        gridColor: look.grid,
        gridWidth: 1,
        domain: false,
        ticks: false,
        labelPadding: 6,
      },
    },
  };
}
