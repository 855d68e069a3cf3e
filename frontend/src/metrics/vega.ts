/** A chart drawn by Vega-Lite, through vega-embed. */
import { expressionInterpreter } from "vega-interpreter";
import { changeset, Error } from "vega";
import embed from "vega-embed";
import type { Chart, CreateChart, Scene } from "./chart";
import { Rows } from "./rows";
import { DATASET, spec, type Row } from "./spec";

export const create: CreateChart = async (element, look, seriesCount): Promise<Chart> => {
  const { view, finalize } = await embed(element, spec(look, seriesCount), {
    actions: false,
    renderer: "canvas",
    tooltip: false,
    hover: false,
    defaultStyle: false,
    // Before the first sample the extent of nothing is infinite, which is no news.
    logLevel: Error,
    // The content security policy forbids eval: expressions are interpreted.
    ast: true,
    expr: expressionInterpreter,
  });
  const rows = new Rows();
  return {
    renderer: "vega",
    async draw({ histories, fromMs, toMs, width, height }: Scene) {
      const { reset, rows: fresh } = rows.advance(histories, fromMs, toMs);
      const changes = changeset();
      // A point just before the window stays until its successor leaves: its line is in view.
      const slackMs = (toMs - fromMs) * 0.1;
      if (reset) changes.remove(() => true);
      else changes.remove((row: Row) => row.t < fromMs - slackMs);
      changes.insert(fresh);
      await view
        .width(width)
        .height(height)
        .signal("from", fromMs)
        .signal("to", toMs)
        .change(DATASET, changes)
        .runAsync();
    },
    dispose: finalize,
  };
};
