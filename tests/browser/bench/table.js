/** Tables for people. */

/**
 * A row of cells each, the first column aligned to the left; the heading may have several lines.
 *
 * @template T
 * @param {readonly T[]} rows
 * @param {readonly (readonly [heading: string, cell: (row: T) => string])[]} columns
 */
export function table(rows, columns) {
  const headings = columns.map(([heading]) => heading.split("\n"));
  const lines = Math.max(...headings.map((heading) => heading.length));
  const cells = [
    ...Array.from({ length: lines }, (_, line) =>
      headings.map((heading) => heading[line - lines + heading.length] ?? ""),
    ),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
        )
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

/** 480x640 as people say it: width first. @param {string} shape */
export function size(shape) {
  return shape.split("x").toReversed().join("x");
}

/** @param {number} value @param {number} [digits] */
export function fixed(value, digits = 0) {
  return Number.isFinite(value) ? value.toFixed(digits) : value === Infinity ? "∞" : "-";
}
