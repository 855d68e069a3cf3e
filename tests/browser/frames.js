/** What a list of frames that came on screen tells. */

/** @typedef {import("./probe.js").Shown} Shown */

/**
 * @typedef {object} Account Of the frame numbers between the first and the last one seen.
 * @property {number} frames Numbers seen.
 * @property {number} missing Numbers in between that were not seen.
 * @property {number} backwards Times that a number was smaller than the one before it.
 * @property {number} unreadable Frames without a code.
 * @property {number} unseen Missing because the browser told of a frame late, when the next one was there already, or not
 *   at all.
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
  // A late look at a frame reads the next one, and that twice: only one at the same time was on screen again.
  const pictures = new Set(shown.map(({ seq, mediaTime }) => (isNaN(mediaTime) ? `#${seq}` : mediaTime)));
  const again = shown.length - pictures.size;
  const [unseen, dropped] =
    first === undefined || last === undefined
      ? [0, 0]
      : [
          last.presented - first.presented + 1 - account.frames - account.unreadable - again,
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
 * @property {string[]} wrong Numbers and values that do not belong to the time they stand beside.
 * @property {string[]} ahead Of frames that had not been on screen yet.
 * @property {number} silent Cursors without a value.
 * @property {number[]} picture By how many frames on screen its number was behind the picture, one entry per frame.
 * @property {number[]} cursor The same of the cursor of the chart.
 * @property {number[]} value The same of the value there, which is the number of a frame.
 */

/** Where a frame is known by the date of its segment, the time is exact to whole ms: frames this close look alike. */
const SAME_MS = 1;
/** Of samples this close charts get the extremes only, ms: a neighbour may stand for one. */
const THINNED_MS = 10;

/**
 * Compares what the page said with the barcodes.
 *
 * @param {Shown[]} shown Of one stream.
 * @param {ReadonlyMap<number, number>} times When frames were captured, ms since the Unix epoch, by number.
 * @returns {Sync}
 */
export function sync(shown, times) {
  const coded = shown.filter(({ seq }) => seq !== null);
  const sorted = [...times].toSorted(([, a], [, b]) => a - b);
  /** @type {Sync} */
  const sync = { frames: 0, wrong: [], ahead: [], silent: 0, picture: [], cursor: [], value: [] };
  coded.forEach(({ seq, said }, index) => {
    if (seq === null || said === null || said.seq === null) return;
    const [own = NaN, ...alike] = near(sorted, times.get(seq) ?? NaN, 2 * SAME_MS);
    // A machine that was busy captured them in one go; no camera does.
    if (alike.length > 0) return;
    sync.frames++;
    /** @param {"picture" | "cursor" | "value"} what @param {number} number @param {number | null} ms */
    const check = (what, number, ms) => {
      const told = `${what}: ${number} at ${ms} beside ${own} at ${times.get(own)}`;
      const exact = Math.abs((ms ?? NaN) - (times.get(number) ?? NaN)) <= SAME_MS;
      const stands = what === "value" && Math.abs((ms ?? NaN) - (said.cursorMs ?? NaN)) <= THINNED_MS;
      if (!exact && !(stands && !times.has(number))) sync.wrong.push(told);
      if (number > seq && !stands) sync.ahead.push(told);
      // A frame that was on screen for less than it takes to read it was there between two that were read.
      let last = index;
      while (last > 0 && (coded[last]?.seq ?? NaN) > number) last--;
      sync[what].push(index - last);
    };
    check("picture", said.seq, said.captureMs);
    if (said.cursorMs === null) return;
    check("cursor", near(sorted, said.cursorMs, Infinity)[0] ?? NaN, said.cursorMs);
    if (said.value === null) sync.silent++;
    else check("value", said.value, said.valueMs);
  });
  return sync;
}

/**
 * Numbers of the frames, up to five, that were captured no further away than this; the nearest first.
 *
 * @param {readonly (readonly [number, number])[]} sorted Numbers and times, ms.
 * @param {number} ms
 * @param {number} withinMs
 */
function near(sorted, ms, withinMs) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.[1] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return sorted
    .slice(Math.max(0, low - 2), low + 3)
    .map(([seq, at]) => ({ seq, away: Math.abs(at - ms) }))
    .filter(({ away }) => away <= withinMs)
    .toSorted((a, b) => a.away - b.away)
    .map(({ seq }) => seq);
}
