/** Changes of the regions of a stream. Pure. */
import type { Roi } from "./shape";

export type Edit =
  | { type: "add"; roi: Roi }
  /** The region of this name has another shape, or another name. */
  | { type: "change"; name: string; roi: Roi }
  | { type: "remove"; name: string }
  | { type: "replace"; rois: readonly Roi[] };

/** What an edit makes of the regions; nothing more if it was applied before. */
export function apply(rois: readonly Roi[], edit: Edit): readonly Roi[] {
  switch (edit.type) {
    case "add":
      return [...rois.filter(({ name }) => name !== edit.roi.name), edit.roi];
    case "change":
      return rois.map((roi) => (roi.name === edit.name ? edit.roi : roi));
    case "remove":
      return rois.filter(({ name }) => name !== edit.name);
    case "replace":
      return edit.rois;
  }
}

/** Older changes and newer ones, without those that nobody will see: a region that is dragged is only where it is last. */
export function together(older: readonly Edit[], newer: readonly Edit[]): readonly Edit[] {
  return newer.reduce<readonly Edit[]>((edits, edit) => {
    if (edit.type === "replace") return [edit];
    const last = edits.at(-1);
    if (edit.type !== "change" || edit.roi.name !== edit.name) return [...edits, edit];
    if (last?.type !== "change" && last?.type !== "add") return [...edits, edit];
    return last.roi.name === edit.name
      ? [...edits.slice(0, -1), { ...last, roi: edit.roi }]
      : [...edits, edit];
  }, older);
}
