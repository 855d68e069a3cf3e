import { expect, test } from "vitest";
import { freeName, parseFile, parseList } from "./shape";

const ROIS = [
  { name: "a", shape: { type: "rectangle", x: 1, y: 2.5, width: 3, height: 4 } },
  { name: "b", shape: { type: "ellipse", x: 0, y: 0, width: 1, height: 1 } },
  {
    name: "c",
    shape: {
      type: "polygon",
      points: [
        [0, 0],
        [5, 0],
        [0, 5],
      ],
    },
  },
];

test("what the runner has is understood, also from a file", () => {
  const text = JSON.stringify({ run: "1c2d", stream: "camera", revision: 7, rois: ROIS });
  expect(parseList(text)).toEqual({ status: "ok", message: { revision: 7, rois: ROIS } });
  expect(parseFile(text)).toEqual({ status: "ok", message: ROIS });
});

test.each([
  ["[]", "message: expected an object, got []"],
  ["pixels", "expected JSON, got pixels"],
  ['{"rois":[{"name":"a","shape":{"type":"star"}}]}', "rois[0].shape.type: expected one of rectangle"],
  [
    '{"rois":[{"name":"a","shape":{"type":"ellipse","x":1}}]}',
    "rois[0].shape.y: expected a number, got nothing",
  ],
  [
    '{"rois":[{"name":"a","shape":{"type":"polygon","points":[[1]]}}]}',
    "rois[0].shape.points[0]: expected [x, y]",
  ],
  ['{"rois":[{"shape":{}}]}', "rois[0].name: expected a string, got nothing"],
])("%s is not", (text, reason) => {
  const result = parseFile(text);
  expect(result.status === "error" && result.reason).toContain(reason);
});

test("the first free name is taken", () => {
  expect(freeName(new Set())).toBe("roi1");
  expect(freeName(new Set(["roi1", "roi3", "soma"]))).toBe("roi2");
});
