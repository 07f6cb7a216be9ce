// What a tuning method is to the bench: turns at its own pace over the same Session as the agent.

import type { Session } from "../../drivers/contract/driver.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";
import type { MachineClass } from "./class.ts";
import type { Goal, Policies } from "./site.ts";

export interface Setting {
  readonly session: Session;
  readonly policies: Policies;
  readonly now: () => EpochMs;
  readonly seed: number;
  /** Chip family of the machine: a prior must have been made without it. */
  readonly family: string;
  /** What the maker publishes of the model. */
  readonly published: Published;
}

/** Of the labels and the API of a model: nothing here is of one unit. */
export interface Published {
  /** Board mV per MHz between the operating points of the vendor's own table. */
  readonly ladderSlope: number;
  /** Hashes that one counted nonce or hardware error stands for. */
  readonly hashesPerNonce: number;
}

export interface Controller {
  /** One poll: reads, decides, writes. Called once a minute of simulated time. */
  turn(): Promise<void>;
  /** The machine it controls was rebooted or the controller itself killed: starts from its memory. */
  restart?(): void;
  /** For people: why it did what it did last. */
  readonly words?: () => string;
}

export interface Method {
  readonly name: string;
  /** Absent: every interface. False where the method has nothing to turn, and is left out. */
  readonly fits?: (face: MachineClass["interface"]) => boolean;
  /** What it is made for; absent: least J per hash. */
  readonly goals?: readonly Goal[];
  start(setting: Setting): Controller;
}

export function published(kind: MachineClass): Published {
  return {
    ladderSlope: kind.spec.cliff.slope * 1000 * kind.spec.domains,
    hashesPerNonce: kind.spec.difficulty * 2 ** 32,
  };
}
