import assert from "node:assert/strict";
import { test } from "node:test";
import { account, latencies, players, quantile, sync } from "./frames.js";

/**
 * Frames of one player: `[number, presented, dropped]` each.
 *
 * @param {[number | null, number, number][]} list
 */
function shown(list, player = 1) {
  return list.map(([seq, presented, dropped]) => ({
    stream: "s",
    player,
    atMs: 1000,
    mediaTime: 0,
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

/** Frame `seq` was captured at `40 * seq + 0.5`. @param {number} seq @param {Partial<import("./probe.js").Said>} said */
function saying(seq, said) {
  const [frame] = shown([[seq, seq, 0]]);
  const nothing = { seq: null, captureMs: null, path: null, cursorMs: null, value: null };
  return {
    .../** @type {NonNullable<typeof frame>} */ (frame),
    tMs: 40 * seq,
    said: { ...nothing, ...said },
  };
}

test("a page that says what is on screen is in step", () => {
  const said = (/** @type {number} */ seq) => ({
    seq,
    captureMs: 40 * seq + 0.5,
    cursorMs: 40 * seq + 0.5,
    value: seq,
  });
  const steps = [saying(5, said(5)), saying(6, said(6)), saying(9, said(9))];
  assert.deepEqual(sync(steps), { frames: 3, wrong: 0, picture: [0, 0, 0], cursor: [0, 0, 0] });
  // Behind by a frame on screen, however many numbers are between.
  const late = [saying(5, said(5)), saying(9, said(5))];
  assert.deepEqual(sync(late), { frames: 2, wrong: 0, picture: [0, 1], cursor: [0, 1] });
});

test("a page that says something else is found out", () => {
  const right = { seq: 5, captureMs: 200.5, cursorMs: 200.5, value: 5 };
  assert.equal(sync([saying(5, { ...right, captureMs: 240.5 })]).wrong, 1);
  assert.equal(sync([saying(5, { ...right, value: 4 })]).wrong, 1);
  assert.equal(sync([saying(5, { ...right, value: null })]).wrong, 1);
  assert.deepEqual(sync([saying(5, { ...right, seq: 6 })]).picture, [Infinity]);
  assert.deepEqual(sync([saying(5, { ...right, cursorMs: 240.5 })]).cursor, [Infinity]);
  assert.equal(sync([saying(5, {})]).frames, 0);
});
