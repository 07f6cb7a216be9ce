// Connections that read into one buffer together: Node's own way takes 64 KiB anew for each read.

import { createConnection, type Socket } from "node:net";

/** What the system reads at once; larger replies come in parts. */
const READ_BYTES = 64 * 1024;
let shared: Buffer | undefined;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `take` is called with each part of what arrives, a copy of its own; "data" is never emitted. */
export function connectTo({ host, port }: Endpoint, take: (chunk: Buffer) => void): Socket {
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  return createConnection({
    host,
    port,
    onread: {
      buffer: shared,
      // The next read of any socket comes after this one's callback, so a copy made here is whole.
      callback: (length, bytes) => {
        take(Buffer.from(bytes.subarray(0, length)));
        return true;
      },
    },
  });
}
