/** While the page stands: the frame at which it stands, exactly, over the film that finds it. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { refusal, Refused } from "../ask";
import { sameFrame, type ShownFrame } from "../video/frame";
import { parseNpy } from "./npy";
import type { Pixels } from "./pixels";
import type { Screen } from "./screen";

/** A larger file is not fetched, bytes. */
const MOST_BYTES = 128 << 20;

/** What is said where a frame is not kept any more as it was captured. */
export const GONE = "only the encoded picture is left";

/** Fetches one frame; rejects with a sentence, `Refused` where the runner does not have it. */
export async function fetchFrame(id: string, frame: ShownFrame, signal: AbortSignal): Promise<Pixels> {
  const path = `/api/v1/streams/${encodeURIComponent(id)}/frames/${frame.seq ?? ""}.npy?session=${frame.session ?? ""}`;
  const response = await fetch(path, { signal });
  if (!response.ok) throw refusal(response.status, await response.text());
  const length = Number(response.headers.get("content-length") ?? 0);
  if (length > MOST_BYTES) throw new Error(`the frame has ${length} bytes: too many to be fetched`);
  const parsed = parseNpy(await response.arrayBuffer());
  if (parsed.status === "error") throw new Error(`the frame is not understood: ${parsed.reason}`);
  const { shape, dtype, data } = parsed.message;
  const [height = 0, width = 0, channels = 1] = shape;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new Error(`the frame has ${channels} channels`);
  const size = { width, height };
  return { frame, size, region: { x: 0, y: 0, ...size }, factor: 1, ...size, channels, dtype, data };
}

export class Standing {
  private readonly why = signal<string | null>(null);
  private wanted: ShownFrame | null = null;
  private asked: AbortController | null = null;

  constructor(
    /** Where the canvas is put, over the players. */
    private readonly host: HTMLElement,
    private readonly screen: Screen,
    private readonly get: (frame: ShownFrame, signal: AbortSignal) => Promise<Pixels>,
  ) {}

  /** Why it is not exact; null where it is, or will be. */
  get note(): ReadonlySignal<string | null> {
    return this.why;
  }

  /** Whether the canvas covers the film. */
  get covers(): boolean {
    return this.screen.canvas.parentElement === this.host;
  }

  /** The page stands at this frame, or, with null, at none. */
  at(frame: ShownFrame | null): void {
    const before = this.wanted;
    // Which one it is may have become known since.
    const same =
      frame !== null && before !== null && sameFrame(frame, before) && known(before) === known(frame);
    if (same || (frame === null && before === null)) return;
    this.wanted = frame;
    this.asked?.abort();
    this.asked = null;
    this.why.value = null;
    // What stood stays until something is shown instead.
    if (frame === null) return;
    if (this.screen.has(frame)) {
      this.cover();
      return;
    }
    this.uncover();
    if (known(frame)) void this.fetch(frame);
  }

  /** Something else came on screen. */
  uncover(): void {
    if (this.covers) this.screen.canvas.remove();
  }

  private cover(): void {
    if (!this.covers) this.host.append(this.screen.canvas);
  }

  private async fetch(frame: ShownFrame): Promise<void> {
    const asked = new AbortController();
    this.asked = asked;
    try {
      const pixels = await this.get(frame, asked.signal);
      if (asked.signal.aborted) return;
      this.screen.show(pixels);
      this.cover();
    } catch (error) {
      if (asked.signal.aborted) return;
      const gone = error instanceof Refused && error.status === 404;
      this.why.value = gone ? GONE : error instanceof Error ? error.message : String(error);
    }
  }
}

function known({ session, seq }: ShownFrame): boolean {
  return session !== null && seq !== null;
}
