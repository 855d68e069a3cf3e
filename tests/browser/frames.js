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

/**
 * @typedef {object} Sync How well the page says what is on screen.
 * @property {number} frames That it said something of.
 * @property {number} wrong Numbers that do not belong to the time they stand beside, be it a frame's or a value's.
 * @property {number[]} picture By how many frames on screen its number was behind the picture, one entry per frame;
 *   Infinity where it was a number that had not been on screen.
 * @property {number[]} cursor The same of the cursor of the chart.
 */

/**
 * Compares what the page said with the barcodes.
 *
 * @param {Shown[]} shown Of one stream; codes of frames that nobody saw are not needed.
 * @returns {Sync}
 */
export function sync(shown) {
  const coded = shown.filter(({ seq, tMs }) => seq !== null && tMs !== null);
  /** @type {Sync} */
  const sync = { frames: 0, wrong: 0, picture: [], cursor: [] };
  coded.forEach(({ said }, index) => {
    if (said === null || said.seq === null) return;
    sync.frames++;
    const latest = (/** @type {(frame: Shown) => boolean} */ is) => {
      let at = index;
      while (at >= 0 && !is(/** @type {Shown} */ (coded[at]))) at--;
      return at;
    };
    const at = latest(({ seq }) => seq === said.seq);
    if (at >= 0 && !captured(coded[at], said.captureMs)) sync.wrong++;
    sync.picture.push(at < 0 ? Infinity : index - at);
    if (said.cursorMs === null) return;
    const under = latest((frame) => captured(frame, said.cursorMs));
    if (under >= 0 && coded[under]?.seq !== said.value) sync.wrong++;
    sync.cursor.push(under < 0 ? Infinity : index - under);
  });
  return sync;
}

/** Whether it is the time of the frame, of which the code has whole ms. @param {Shown | undefined} frame @param {number | null} ms */
function captured(frame, ms) {
  const past = (ms ?? NaN) - (frame?.tMs ?? NaN);
  return past > -0.001 && past < 1.001;
}
