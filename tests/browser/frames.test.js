import assert from "node:assert/strict";
import { test } from "node:test";
import { account, latencies, players, quantile } from "./frames.js";

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
