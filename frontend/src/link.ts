/** One WebSocket to the host that the page came from. Never dials twice: whoever wants another makes another. */

export interface Listener {
  /** From now on something can be sent. */
  opened?(): void;
  /** Text is JSON, bytes are in the format of the path: docs/protocol.md. */
  message(data: string | ArrayBuffer): void;
  /** It is over, and why; told once, and not to who closed it. */
  failed(reason: string): void;
}

export interface Link {
  /** False where it cannot be sent now. */
  send: (text: string) => boolean;
  /** Ends it because of this. */
  fail: (reason: string) => void;
  close: () => void;
}

export type Dial = (url: string) => WebSocket;

/** Connects to a path of the runner. `name` is what the connection is called where its end is told. */
export function link(
  path: string,
  name: string,
  listener: Listener,
  dial: Dial = (url) => new WebSocket(url),
): Link {
  const socket = dial(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
  socket.binaryType = "arraybuffer";
  let open = true;

  const close = (): void => {
    open = false;
    socket.close();
  };
  const fail = (reason: string): void => {
    if (!open) return;
    close();
    listener.failed(reason);
  };
  socket.onopen = () => {
    if (open) listener.opened?.();
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (open) listener.message(data);
  };
  socket.onclose = () => fail(`${name} ended`);

  return {
    send: (text) => {
      if (!open || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    fail,
    close,
  };
}
