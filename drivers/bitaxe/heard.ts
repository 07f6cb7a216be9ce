// Everything that was heard, and when.

import type { EpochMs } from "../contract/units.ts";
import type { AsicFacts, Info } from "./wire.ts";

export interface Heard {
  readonly info: Info;
  readonly at: EpochMs;
  readonly asic?: AsicFacts;
}
