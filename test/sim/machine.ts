// What every simulated machine offers to a test or the demo, whatever wire protocol it speaks.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";
import type { ReplyFault } from "./reply-fault.ts";

export interface MachineOptions {
  /** A loopback address; machines on one port use different ones of 127.0.0.0/8. */
  readonly host?: string;
  /** 0 finds a free port. */
  readonly port?: number;
  readonly httpPort?: number;
  readonly seed: number;
  /** The machine's clock; it may run faster than real time. */
  readonly now: () => EpochMs;
}

/** A port on which the machine answers, and how its answers go wrong at present. */
export interface Door {
  fault: ReplyFault | undefined;
}

export interface SimulatedMachine {
  /** The driver that speaks to it. */
  readonly kind: string;
  /** The physics behind the wire: the truth that the driver must not see. */
  readonly plant: Plant;
  /** Every request to change the machine that arrived, in order; questions and logins are not among them. */
  readonly orders: readonly unknown[];
  /** What a configuration file would say to reach it. Known after start(). */
  readonly address: { readonly host: string; readonly port: number; readonly httpPort: number };
  readonly doors: readonly Door[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Opens or closes its doors as its clock says; else they follow within milliseconds of real time. */
  settle?(): void;
}
