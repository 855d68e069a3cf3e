/** How charts look, whichever library draws them. */
export interface Look {
  /** Differs when anything of it differs. */
  id: string;
  font: string;
  /** CSS pixels. */
  fontSize: number;
  /** CSS pixels. */
  lineWidth: number;
  /** Room for the labels of the value axis, CSS pixels. */
  axisWidth: number;
  /** Whether times are written under the chart. */
  timeLabels: boolean;
  label: string;
  grid: string;
  /** Colour of the series at this place of the legend. */
  color: (index: number) => string;
}

/*
 * Sixteen hues that can be told apart on a dark and on a light ground: neighbours differ in hue
 * and lightness. Further series repeat them.
 */
const DARK = [
  "#4cc2ff",
  "#ffb454",
  "#7ee787",
  "#ff7b9c",
  "#c49bff",
  "#f2e05c",
  "#3fe0d0",
  "#ff9169",
  "#8fb4ff",
  "#b9e769",
  "#f59be8",
  "#d8b48a",
  "#66d9a0",
  "#e5737d",
  "#9ad7f5",
  "#c7c7d1",
];
const LIGHT = [
  "#0072b8",
  "#c2620a",
  "#1a8a3a",
  "#c2255c",
  "#7048c8",
  "#8f7a00",
  "#078a80",
  "#d9480f",
  "#3b5bdb",
  "#5c940d",
  "#a826a4",
  "#8a5a2b",
  "#0b7a55",
  "#a3202c",
  "#1778a5",
  "#5a6070",
];

/** How many colours there are before they repeat. */
export const HUES = DARK.length;

/** `scale` above 1 for a screen that is read from far away. */
export function look(dark: boolean, scale = 1): Look {
  const colors = dark ? DARK : LIGHT;
  return {
    id: `${dark ? "dark" : "light"} ${scale}`,
    font: "ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
    fontSize: Math.round(11 * scale),
    lineWidth: 1.4 * scale,
    axisWidth: Math.round(48 * scale),
    timeLabels: true,
    label: dark ? "#8b97a7" : "#5b6675",
    grid: dark ? "rgba(148,163,184,0.13)" : "rgba(60,72,88,0.12)",
    color: (index) => colors[index % colors.length] ?? "#888888",
  };
}
