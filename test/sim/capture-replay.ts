// A machine made of a capture: each captured port answers again what it answered then.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { CapturedExchange, CaptureIndex } from "../../agent/cli/capture-files.ts";
import { DeviceOptions } from "../../drivers/index.ts";
import { FrameReader } from "../../drivers/transport/frame-reader.ts";
import { framed } from "./framed-daemon.ts";

const LONGEST_REQUEST = 1024 * 1024;
/** Sent with every request; any other header opens something. */
const PLAIN_HEADERS = new Set([
  "accept",
  "connection",
  "content-length",
  "content-type",
  "host",
  "transfer-encoding",
]);

interface Asked {
  readonly transport: CapturedExchange["transport"];
  readonly payload: string;
  readonly method?: string;
  readonly path?: string;
  readonly opened?: boolean;
}

export class CaptureReplay {
  readonly index: CaptureIndex;
  readonly #folder: string;
  readonly #host: string;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #ports = new Map<number, number>();
  readonly #served = new Map<CapturedExchange, number>();
  /** Changes a reply's text (`latin1`) before it is sent, as another model or version would. */
  rewrite: (text: string, exchange: CapturedExchange) => string = (text) => text;
  /** Requests answered so far. */
  answered = 0;
  /** Requests that the capture has no answer to. */
  readonly strange: string[] = [];

  constructor(folder: string, host = "127.0.0.1") {
    this.#folder = folder;
    this.#host = host;
    this.index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as CaptureIndex;
  }

  async start(): Promise<void> {
    const answering = this.index.exchanges.filter((exchange) => isAnswer(exchange));
    for (const port of new Set(answering.map((exchange) => exchange.port))) {
      const server = this.#listen(port);
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no TCP address");
      this.#ports.set(port, address.port);
    }
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Where the captured port is now; port 1, which nobody serves, for one that answered nothing. */
  portOf(captured: number): number {
    return this.#ports.get(captured) ?? 1;
  }

  /** The options of the machine that was captured, with the ports of this one. */
  optionsFor(captured: DeviceOptions): DeviceOptions {
    const moved = Object.entries(captured).map(([key, value]) => [
      key,
      /port/i.test(key) ? this.portOf(Number(value)) : value,
    ]);
    return DeviceOptions.parse(Object.fromEntries(moved));
  }

  #listen(port: number): Server {
    const web = createHttpServer((request, response) => {
      this.#serveHttp(port, request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.#sockets.delete(socket));
      // One port may have been asked in several protocols; the first byte tells which one this is.
      socket.once("data", (first: Buffer) => {
        socket.pause();
        socket.unshift(first);
        if (/^[A-Z]/.test(first.toString("latin1"))) web.emit("connection", socket);
        else if (first[0] === "{".charCodeAt(0)) this.#serveApi(port, socket);
        else this.#serveFramed(port, socket);
        socket.resume();
      });
    });
    server.listen({ host: this.#host, port: 0 });
    this.#servers.push(server);
    return server;
  }

  #serveApi(port: number, socket: Socket): void {
    socket.once("data", (request: Buffer) => {
      const found = this.#find(port, { transport: "api", payload: request.toString("utf8") });
      socket.end(found === undefined ? "" : this.#bytes(found));
    });
  }

  #serveFramed(port: number, socket: Socket): void {
    const frames = new FrameReader(LONGEST_REQUEST);
    socket.on("data", (chunk: Buffer) => {
      frames.add(chunk);
      for (let text = frames.next(); text !== undefined; text = frames.next()) {
        const found = this.#find(port, { transport: "framed", payload: text });
        if (found === undefined) socket.end();
        else socket.write(framed(this.#bytes(found).toString("utf8")));
      }
    });
  }

  async #serveHttp(
    port: number,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const found = this.#find(port, {
      transport: "http",
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      payload: Buffer.concat(chunks).toString("utf8"),
      opened: isOpened(incoming.headers),
    });
    if (found?.status === undefined) {
      if (found === undefined) response.writeHead(404).end();
      else incoming.socket.destroy();
      return;
    }
    const body = this.#bytes(found);
    response.writeHead(found.status, { ...found.headers, "content-length": body.length });
    response.end(body);
  }

  /** The least served of the exchanges that fit best, so that a row of equal questions is told again. */
  #find(port: number, asked: Asked): CapturedExchange | undefined {
    const fitting = this.index.exchanges.filter(
      (exchange) => exchange.port === port && fits(exchange, asked),
    );
    const best = narrowed(fitting, [
      ({ request }) => request.headers === undefined || isOpened(request.headers) === asked.opened,
      ({ request }) => request.payload === asked.payload,
    ]);
    const [first, ...rest] = best;
    if (first === undefined) {
      this.strange.push(`${asked.method ?? ""} ${asked.path ?? asked.payload}`.trim());
      return undefined;
    }
    const times = (exchange: CapturedExchange) => this.#served.get(exchange) ?? 0;
    const next = rest.reduce((least, one) => (times(one) < times(least) ? one : least), first);
    // The last of a row stays.
    this.#served.set(next, next === best.at(-1) ? times(next) : times(next) + 1);
    return next;
  }

  #bytes(exchange: CapturedExchange): Buffer {
    this.answered += 1;
    const { file } = exchange;
    const text = file === undefined ? "" : readFileSync(join(this.#folder, file), "latin1");
    return Buffer.from(this.rewrite(text, exchange), "latin1");
  }
}

const isAnswer = ({ file, status }: CapturedExchange): boolean =>
  file !== undefined || status !== undefined;

function isOpened(headers: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(headers).some((name) => !PLAIN_HEADERS.has(name.toLowerCase()));
}

function fits({ transport, request }: CapturedExchange, asked: Asked): boolean {
  if (transport !== asked.transport) return false;
  if (transport !== "http") return commandOf(request.payload) === commandOf(asked.payload);
  return request.method === asked.method && bare(request.path ?? "") === bare(asked.path ?? "");
}

/** Secrets stand in parameters and are masked there. */
const commandOf = (payload: string): string =>
  payload.replace(/("(?:token|ts|salt|sign|account|passw?d?)"\s*:\s*)(?:"[^"]*"|\d+)/g, "$1");
const bare = (path: string): string =>
  path.replace(/\b((?:user\w*|login|pass\w*|pwd|token)=)[^&]*/g, "$1");

/** A wish that none fulfils is dropped. */
function narrowed<Item>(
  items: readonly Item[],
  wishes: readonly ((item: Item) => boolean)[],
): readonly Item[] {
  return wishes.reduce((kept, wish) => {
    const better = kept.filter(wish);
    return better.length > 0 ? better : kept;
  }, items);
}
