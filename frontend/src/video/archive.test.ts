import { expect, test } from "vitest";
import { Archive, parseTimeline } from "./archive";
import { Timeline } from "./timeline";

const span = { life: 0, session: "00000000000000aa", seq: [1, 2], t_ms: [10, 20.5], media_us: [0, 10_500] };

test("an answer gives frames in order", () => {
  const later = { ...span, session: "00000000000000bb", seq: [0], t_ms: [5], media_us: [20_000] };
  expect(parseTimeline({ stream: "cam", run: "r", spans: [span, later] })).toEqual([
    { session: "00000000000000aa", seq: 1, captureMs: 10, mediaUs: 0 },
    { session: "00000000000000aa", seq: 2, captureMs: 20.5, mediaUs: 10_500 },
    { session: "00000000000000bb", seq: 0, captureMs: 5, mediaUs: 20_000 },
  ]);
});

test.each([
  [null, "timeline: expected an object"],
  [{}, "timeline.spans: expected a list"],
  [{ spans: [7] }, "timeline.spans[]: expected an object"],
  [{ spans: [{ ...span, session: "x" }] }, "session: expected 16 hexadecimal digits"],
  [{ spans: [{ ...span, seq: [1, "2"] }] }, "seq: expected a list of numbers"],
  [{ spans: [{ ...span, t_ms: [1] }] }, "expected 2 of each, got 1 and 2"],
  [{ spans: [{ ...span, media_us: [5, 5] }] }, "expected media times that grow"],
])("%j is refused by name", (json, reason) => {
  expect(() => parseTimeline(json)).toThrow(reason);
});

/** A runner that says what it was asked, and a clock. */
function made(answer: () => Response) {
  const asked: string[] = [];
  const timeline = new Timeline();
  const clock = { nowMs: 0 };
  const get = (url: string) => {
    asked.push(url);
    return Promise.resolve(answer());
  };
  return { asked, timeline, clock, archive: new Archive("my cam", timeline, get, () => clock.nowMs) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("frames on screen are asked for ahead, and not twice", async () => {
  const until = { ms: 1000 };
  const { asked, archive, clock } = made(() =>
    Response.json({
      spans: [{ ...span, t_ms: [until.ms - 1000, until.ms], media_us: [until.ms, until.ms + 1] }],
    }),
  );
  archive.follow(500);
  archive.follow(510);
  await settled();
  expect(asked).toEqual(["/api/v1/streams/my%20cam/timeline?from_ms=-1500"]);
  clock.nowMs = 1000;
  archive.follow(800);
  expect(asked).toHaveLength(1);
  archive.follow(860);
  expect(asked[1]).toBe("/api/v1/streams/my%20cam/timeline?from_ms=1000");
  await settled();
});

test("a runner that does not answer is left alone for a while", async () => {
  const { asked, archive, clock } = made(() => new Response("", { status: 404 }));
  for (; clock.nowMs < 60_000; clock.nowMs += 33) {
    archive.follow(clock.nowMs);
    await settled();
  }
  expect(asked.length).toBeLessThan(15);
  expect(await archive.around(0, 10)).toBe(false);
});
