/** What a list of frames that came on screen tells. */

/** @typedef {import("./probe.js").Shown} Shown */

/**
 * @typedef {object} Account Of the frame numbers between the first and the last one seen.
 * @property {number} frames Numbers seen.
 * @property {number} missing Numbers in between that were not seen.
 * @property {number} backwards Times that a number was smaller than the one before it.
 * @property {number} unreadable Frames without a code.
 * @property {number} unseen Missing because the browser told of a frame late, when the next one was there already.
 * @property {number} dropped Missing because the browser decoded a frame and did not show it.
 */

/**
 * Accounts for the frames of one player.
 *
 * @param {Shown[]} shown
 * @returns {Account}
 */
export function account(shown) {
  const numbers = shown.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const first = shown[0];
  const last = shown.at(-1);
  const account = {
    frames: new Set(numbers).size,
    missing: 0,
    backwards: 0,
    unreadable: shown.length - numbers.length,
  };
  for (let i = 1; i < numbers.length; i++) {
    const step = (numbers[i] ?? NaN) - (numbers[i - 1] ?? NaN);
    if (step < 0) account.backwards++;
    else if (step > 0) account.missing += step - 1;
  }
  const [unseen, dropped] =
    first === undefined || last === undefined
      ? [0, 0]
      : [
          last.presented - first.presented + 1 - account.frames - account.unreadable,
          last.dropped - first.dropped,
        ];
  return { ...account, unseen, dropped };
}

/** Of all players after another, in the order in which they came on screen. @param {Shown[]} shown */
export function players(shown) {
  return [...new Set(shown.map(({ player }) => player))].map((player) =>
    shown.filter((one) => one.player === player),
  );
}

/** @param {Shown[]} shown Capture to screen, ms, of the frames with a code. */
export function latencies(shown) {
  return shown.flatMap(({ tMs, atMs }) => (tMs === null ? [] : [atMs - tMs]));
}

/**
 * The value below which a share of the values lies.
 *
 * @param {number[]} values
 * @param {number} share 0 to 1.
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
