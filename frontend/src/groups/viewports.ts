/** Which part of every stream is looked at: streams of a group look at the same, if their frames have one size. */
import { Viewports } from "../viewport/viewports";
import type { Size, Viewport } from "../viewport/viewport";
import type { Groups, Letter } from "./groups";

export class LinkedViewports {
  private readonly all = new Viewports();

  /** `size` is that of a stream's frames, pixels; null while it is not known. */
  constructor(
    private readonly groups: Groups,
    private readonly size: (stream: string) => Size | null,
  ) {}

  /** The viewport of a stream: another one when it changes its group, or its frames their size. */
  of(stream: string): Viewport {
    return this.all.of(this.key(stream));
  }

  /** Puts a stream into a group or, with null, out of it. Who is the first of a group brings along what it looks at. */
  group(stream: string, letter: Letter | null): void {
    const { region, frame } = this.of(stream);
    this.groups.put(stream, letter);
    const key = this.key(stream);
    const others = this.groups.members(stream).filter((one) => one !== stream && this.key(one) === key);
    if (others.length > 0) return;
    const { width, height } = frame.peek();
    const viewport = this.of(stream);
    viewport.resize(width, height);
    viewport.show(region.peek());
  }

  /** No stream is named so: names hold no slash. */
  private key(stream: string): string {
    const letter = this.groups.of(stream);
    const size = this.size(stream);
    return letter === null || size === null ? stream : `/${letter}/${size.width}x${size.height}`;
  }
}
