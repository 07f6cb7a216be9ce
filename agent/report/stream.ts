// The byte stream to a broker: TCP or TLS, open or failed within a deadline.

import { readFile } from "node:fs/promises";
import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** The part of the configuration that says how to reach a broker; `config` has its schema. */
export interface MqttOptions {
  /** mqtt://host[:1883] or mqtts://host[:8883]; no user part, so that it may be logged. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly clientId?: string | undefined;
  readonly group?: string | undefined;
  readonly keepAliveSeconds: number;
  readonly reconnectMinSeconds: number;
  readonly reconnectMaxSeconds: number;
  /** PEM files, read again at each connection because leaf certificates live for hours. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly version: "3.1.1" | "5";
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Throws RangeError without repeating a user part. */
export function parseUrl(text: string): Endpoint {
  const expected = "mqtt.url: expected mqtt://host[:port] or mqtts://host[:port]";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "")
    throw new RangeError(`${expected}, got no such URL`);
  if (url.protocol !== "mqtt:" && url.protocol !== "mqtts:") {
    throw new RangeError(`${expected}, got ${url.protocol}//`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new RangeError(`${expected}; put the user into mqtt.username and mqtt.password`);
  }
  const secure = url.protocol === "mqtts:";
  const port = url.port === "" ? (secure ? 8883 : 1883) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, secure };
}

/** Resolves with a connected socket. Rejects with the reason in words, free of secrets. */
export async function openStream(
  options: MqttOptions,
  deadline: number,
  signal: AbortSignal,
): Promise<Socket> {
  const endpoint = parseUrl(options.url);
  const socket = endpoint.secure ? await secureSocket(options, endpoint) : plainSocket(endpoint);
  const ready = endpoint.secure ? "secureConnect" : "connect";
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`no connection within ${deadline} ms`), deadline);
    const release = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      socket.off("close", onClose);
    };
    const fail = (reason: string) => {
      release();
      // An error may follow the destruction; nobody waits for it any more.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(new Error(reason));
    };
    const onAbort = () => fail("stopped");
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? error.message);
    const onClose = () => fail("closed while connecting");
    socket.on("error", onError);
    socket.on("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once(ready, () => {
      release();
      resolve(socket);
    });
    if (signal.aborted) onAbort();
  });
}

const plainSocket = ({ host, port }: Endpoint): Socket =>
  createConnection({ host, port, noDelay: true });

async function secureSocket(options: MqttOptions, { host, port }: Endpoint): Promise<Socket> {
  const [ca, cert, key] = await Promise.all([
    readPem("mqtt.caFile", options.caFile),
    readPem("mqtt.certFile", options.certFile),
    readPem("mqtt.keyFile", options.keyFile),
  ]);
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

async function readPem(option: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new Error(`${option}: cannot read ${file}: ${code}`, { cause: error });
  }
}
