import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlaylist } from "./segments.js";

test("a media playlist is read with its times and breaks", () => {
  const text = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:1
#EXT-X-MEDIA-SEQUENCE:7
#EXTINF:1.000,
#EXT-X-PROGRAM-DATE-TIME:2026-01-31T12:00:00.250Z
a_0_7.ts
#EXT-X-DISCONTINUITY
#EXTINF:0.934,
b_0_0.ts
`;
  assert.deepEqual(parsePlaylist(text), [
    {
      name: "a_0_7.ts",
      durationS: 1,
      programDateTimeMs: Date.UTC(2026, 0, 31, 12, 0, 0, 250),
      discontinuity: false,
    },
    { name: "b_0_0.ts", durationS: 0.934, programDateTimeMs: null, discontinuity: true },
  ]);
});
