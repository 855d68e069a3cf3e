/** A WebSocket without a network, for tests. */
import { vi } from "vitest";

export class FakeSocket {
  readyState = 0;
  binaryType = "";
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(data: string | ArrayBuffer): void {
    this.onmessage?.({ data });
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

/** A page from this address. The last socket that was dialled is `socket`; `urls` are all that were. */
export function fakePage(protocol = "http:") {
  vi.stubGlobal("location", { protocol, host: "runner:8000" });
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  const page = {
    socket: new FakeSocket(),
    urls: [] as string[],
    dial: (url: string): WebSocket => {
      page.urls.push(url);
      page.socket = new FakeSocket();
      return page.socket as unknown as WebSocket;
    },
  };
  return page;
}
