/** What a pointer does in a picture. */
export const TOOLS = ["pointer", "rectangle", "ellipse", "polygon"] as const;
/** `pointer` selects, moves and resizes regions; the others draw one. */
export type Tool = (typeof TOOLS)[number];
