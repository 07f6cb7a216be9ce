// What a machine has answered so far: without a password only what 4028 tells.

import type { Held } from "../transport/answer.ts";
import type { CgminerPool, CgminerSummary } from "../transport/cgminer.ts";
import type {
  Count,
  Devs,
  FluxFans,
  Frequencies,
  IpReport,
  Led,
  Mode,
  Psu,
  Temperatures,
  Version,
  Voltages,
} from "./wire.ts";

type Maybe<Value> = Held<Value> | undefined;

export interface Answers {
  readonly summary: Maybe<CgminerSummary>;
  readonly devs: Maybe<Devs>;
  readonly count: Maybe<Count>;
  readonly pools: Maybe<readonly CgminerPool[]>;
  readonly version: Maybe<Version>;
  /** The model by `devdetails`. */
  readonly model: Maybe<string | undefined>;
  readonly report: Maybe<IpReport>;
  readonly fan: Maybe<FluxFans>;
  readonly led: Maybe<Led>;
  readonly mode: Maybe<Mode>;
  readonly psu: Maybe<Psu>;
  readonly temperature: Maybe<Temperatures>;
  readonly voltage: Maybe<Voltages>;
  readonly frequency: Maybe<Frequencies>;
}
