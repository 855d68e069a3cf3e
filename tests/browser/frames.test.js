import assert from "node:assert/strict";
import { test } from "node:test";
import { account, latencies, players, quantile, sync } from "./frames.js";

/**
 * Frames of one player: `[number, presented, dropped]` each.
 *
 * @param {[number | null, number, number][]} list
 */
function shown(list, player = 1) {
  return list.map(([seq, presented, dropped], index) => ({
    stream: "s",
    player,
    atMs: 1000,
    mediaTime: index / 30,
    presented,
    dropped,
    seq,
    tMs: seq === null ? null : 900,
    said: null,
  }));
}

/** @param {[number | null, number, number][]} list @param {Partial<import("./frames.js").Account>} expected */
function check(list, expected) {
  const none = { missing: 0, backwards: 0, unreadable: 0, unseen: 0, dropped: 0 };
  assert.deepEqual(account(shown(list)), { ...none, ...expected });
}

test("an unbroken row of frames lacks nothing", () => {
  check([[5, 1, 0], [6, 2, 0], [7, 3, 0]], { frames: 3 }); // prettier-ignore
});

test("a gap is told apart by who made it", () => {
  check([[5, 1, 0], [8, 2, 2]], { frames: 2, missing: 2, dropped: 2 }); // prettier-ignore
  check([[5, 1, 0], [8, 4, 0]], { frames: 2, missing: 2, unseen: 2 }); // prettier-ignore
  check([[5, 1, 0], [8, 2, 0]], { frames: 2, missing: 2 }); // prettier-ignore
});

test("a frame that was read in place of the one before it counts once", () => {
  check([[5, 1, 0], [7, 2, 0], [7, 3, 0]], { frames: 2, missing: 1, unseen: 1 }); // prettier-ignore
});

test("a frame that is on screen again is none that was not seen", () => {
  const list = shown([[5, 1, 0], [6, 2, 0], [6, 3, 0], [8, 5, 0]]); // prettier-ignore
  const again = list.map((frame) => ({ ...frame, mediaTime: (frame.seq ?? NaN) / 30 }));
  const { frames, missing, unseen } = account(again);
  assert.deepEqual({ frames, missing, unseen }, { frames: 3, missing: 1, unseen: 1 });
  const drawn = list.map((frame) => ({ ...frame, mediaTime: NaN }));
  assert.equal(account(drawn).unseen, 1);
});

test("going back and pictures without a code are counted", () => {
  check([[5, 1, 0], [4, 2, 0], [null, 3, 0]], { frames: 2, backwards: 1, unreadable: 1 }); // prettier-ignore
});

test("players are told apart", () => {
  const both = [...shown([[1, 1, 0]], 1), ...shown([[2, 1, 0]], 3)];
  assert.deepEqual(
    players(both).map((list) => list.map(({ seq }) => seq)),
    [[1], [2]],
  );
});

test("latency is from capture to the moment of reading, of frames with a code", () => {
  assert.deepEqual(latencies(shown([[1, 1, 0], [null, 2, 0]])), [100]); // prettier-ignore
});

test("a quantile is one of the values", () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 3);
  assert.equal(quantile([1], 0.95), 1);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

/** Frame `seq` was captured at `40 * seq + 0.25`. */
const TIMES = new Map(Array.from({ length: 20 }, (_, seq) => [seq, 40 * seq + 0.25]));

/** @param {number} seq @param {Partial<import("./probe.js").Said>} said */
function saying(seq, said) {
  const [frame] = shown([[seq, seq, 0]]);
  const nothing = { seq: null, captureMs: null, path: null, cursorMs: null, value: null, valueMs: null };
  return { .../** @type {NonNullable<typeof frame>} */ (frame), said: { ...nothing, ...said } };
}

/** What a page should say of a frame. @param {number} seq */
function right(seq) {
  const captureMs = 40 * seq + 0.25;
  return { seq, captureMs, cursorMs: captureMs, value: seq, valueMs: captureMs };
}

test("a page that says what is on screen is in step", () => {
  const check = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ behind) => {
    const both = sync([saying(5, right(5)), saying(a, right(b))], TIMES);
    const by = [0, behind];
    const none = { wrong: [], ahead: [], silent: 0 };
    assert.deepEqual(both, { ...none, frames: 2, picture: by, cursor: by, value: by });
  };
  check(6, 6, 0);
  // Behind by a frame on screen, however many numbers are between.
  check(9, 5, 1);
  // It was there, but gone before it could be read.
  check(9, 7, 1);
});

test("frames that were captured as good as at once are not told apart", () => {
  const times = new Map([...TIMES, [6, 201]]);
  assert.equal(sync([saying(5, right(6)), saying(7, right(7))], times).frames, 1);
});

test("a page that says something else is found out", () => {
  const check = (/** @type {Partial<import("./probe.js").Said>} */ said) =>
    sync([saying(5, { ...right(5), ...said })], TIMES);
  assert.equal(check({ captureMs: 240.25 }).wrong.length, 1);
  assert.equal(check({ captureMs: null }).wrong.length, 1);
  assert.equal(check({ value: 4 }).wrong.length, 1);
  assert.equal(check({ valueMs: 160.25 }).wrong.length, 1);
  assert.equal(check({ cursorMs: 204 }).wrong.length, 1);
  assert.equal(check(right(6)).ahead.length, 2);
  assert.equal(check({ seq: 25 }).wrong.length, 1);
  // A neighbour stands for the value only where samples are too close for a chart to have them all.
  assert.equal(check({ value: 6, valueMs: 240.25 }).ahead.length, 1);
  assert.deepEqual(check({ value: 33, valueMs: 203 }).wrong, []);
  assert.equal(check({ value: 33, valueMs: 220 }).wrong.length, 1);
  const silent = check({ value: null });
  assert.deepEqual([silent.wrong, silent.silent], [[], 1]);
  assert.equal(sync([saying(5, {})], TIMES).frames, 0);
});
