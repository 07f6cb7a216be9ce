// The cable between an agent and a machine: it can be pulled, plugged into another machine, and cut in the
// moment in which an order is answered. It carries bytes and knows no protocol.

import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { SimulatedMachine } from "./machine.ts";

/** How a connection ends that carries no answer: by a reset, in good order, or never. */
export type Loss = "reset" | "end" | "never";

export interface Cut {
  /** With the answer to so many orders, counted from the machine's first. */
  readonly order: number;
  readonly loss: Loss;
}

/** Turns of the event loop, not time: each of them looks at every socket once. */
const TURNS_UNTIL_NOTICED = 5;

export class Cable {
  /** Cuts one answer, then is undefined again. */
  cut: Cut | undefined;
  #machine: SimulatedMachine;
  readonly #fronts: Front[];

  constructor(machine: SimulatedMachine) {
    this.#machine = machine;
    const takes = (): Loss | undefined => {
      const cut = this.cut;
      if (cut === undefined || this.#machine.orders.length < cut.order) return undefined;
      this.cut = undefined;
      return cut.loss;
    };
    this.#fronts = portsOf(machine).map(
      (name) => new Front(name, () => targetOf(this.#machine, name), takes),
    );
  }

  /** The agent's end: what takes the place of the machine's own ports. */
  get ports(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#fronts.map(({ name, port }) => [name, port]));
  }

  async start(): Promise<void> {
    await Promise.all(this.#fronts.map((front) => front.open()));
  }

  /** Drops what is open; new connections lead to this machine. */
  async plug(machine: SimulatedMachine): Promise<void> {
    this.#machine = machine;
    for (const front of this.#fronts) front.drop();
    await noticed();
  }

  /** Drops what is open and refuses connections, as a machine that restarts. */
  async pull(): Promise<void> {
    for (const front of this.#fronts) front.close();
    await noticed();
  }
}

/** Both ends of a loopback connection live in this process; now they know that it is closed. */
async function noticed(): Promise<void> {
  for (let turn = 0; turn < TURNS_UNTIL_NOTICED; turn += 1) await nextTurn();
}

const portsOf = (machine: SimulatedMachine): string[] =>
  Object.entries(machine.address).flatMap(([name, value]) =>
    typeof value === "number" ? [name] : [],
  );

function targetOf({ address }: SimulatedMachine, name: string) {
  const port = Object.entries(address).find(([each]) => each === name)?.[1];
  if (typeof port !== "number") throw new Error(`the machine has no ${name}`);
  return { host: address.host, port };
}

class Front {
  readonly name: string;
  readonly #target: () => { host: string; port: number };
  readonly #takes: () => Loss | undefined;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(
    name: string,
    target: () => { host: string; port: number },
    takes: () => Loss | undefined,
  ) {
    this.name = name;
    this.#target = target;
    this.#takes = takes;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
    server.listen({ host: "127.0.0.1", port: this.#port });
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    this.#port = address.port;
    this.#server = server;
  }

  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
    this.drop();
  }

  #join(client: Socket): void {
    const machine = createConnection({ ...this.#target(), allowHalfOpen: true });
    let lost: Loss | undefined;
    this.#keep(client);
    this.#keep(machine);
    client.on("data", (bytes) => machine.write(bytes)).once("end", () => machine.end());
    client.on("error", () => machine.destroy()).once("close", () => machine.destroy());
    machine.on("data", (bytes) => {
      if (lost !== undefined) return;
      lost = this.#takes();
      if (lost === undefined) client.write(bytes);
      if (lost === "reset") client.resetAndDestroy();
      if (lost === "end") client.end();
    });
    machine.once("end", () => {
      if (lost === undefined) client.end();
    });
    // Refused or broken at the far end: the near one tells it as such an end can.
    machine.on("error", () => {
      if (lost === undefined) client.resetAndDestroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
