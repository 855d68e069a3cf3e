import { expect, test } from "vitest";
import { LABEL_PX, placeLabels } from "./labels";

const PICTURE = { width: 200, height: 100 };
const labelled = (name: string, left: number, top: number, width = 30) => ({
  name,
  area: { left, top, width: 40, height: 40 },
  width,
});

test("a label stands above its region, or in it at the upper edge", () => {
  const labels = placeLabels([labelled("a", 20, 50), labelled("b", 100, 2)], PICTURE);
  expect(labels.get("a")).toEqual({ left: 20, top: 50 - 3 - LABEL_PX });
  expect(labels.get("b")).toEqual({ left: 100, top: 5 });
});

test("labels stay in the picture, and those of regions out of sight are not there", () => {
  const labels = placeLabels(
    [labelled("a", 190, 95), labelled("b", 201, 50), labelled("c", -20, 50)],
    PICTURE,
  );
  expect(labels.get("a")).toEqual({ left: 170, top: 95 - 3 - LABEL_PX });
  expect(labels.has("b")).toBe(false);
  expect(labels.get("c")).toMatchObject({ left: 0 });
});

test("of labels over each other the first stays", () => {
  const labels = placeLabels([labelled("a", 20, 50), labelled("b", 30, 55), labelled("c", 60, 50)], PICTURE);
  expect([...labels.keys()]).toEqual(["a", "c"]);
});
