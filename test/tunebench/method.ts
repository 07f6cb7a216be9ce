// What a tuning method is to the bench: turns at its own pace over the same Session as the agent.

import type { Policies } from "../../config/policy.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import type { EpochMs } from "../../drivers/contract/units.ts";

export interface Setting {
  readonly session: Session;
  readonly policies: Policies;
  readonly now: () => EpochMs;
  readonly seed: number;
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
  /** Wall watts may depend on what the firmware offers: false where the method has nothing to turn. */
  start(setting: Setting): Controller;
}
