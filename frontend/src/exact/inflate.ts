/** Unpacks pixels. */

export function canInflate(): boolean {
  return "DecompressionStream" in globalThis;
}

/**
 * Inflates DEFLATE (RFC 1951) that must give exactly `bytes` bytes: rejects with a sentence where it gives others, and
 * never takes more memory than that.
 */
export async function inflate(packed: Uint8Array<ArrayBuffer>, bytes: number): Promise<ArrayBuffer> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const target = new Uint8Array(bytes);
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > bytes) {
      await reader.cancel();
      throw new Error(`packed pixels: expected ${bytes} bytes, got more`);
    }
    target.set(value, length);
    length += value.length;
  }
  if (length < bytes) throw new Error(`packed pixels: expected ${bytes} bytes, got ${length}`);
  return target.buffer;
}
