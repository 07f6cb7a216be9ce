// What a rig has answered so far. Only its state is certain to be there.

import type { Held } from "../transport/answer.ts";
import type {
  Cooling,
  Hardware,
  Mining,
  RigErrors,
  RigPools,
  RigTelemetry,
  SystemInfo,
  Target,
} from "./wire.ts";

export interface Answers {
  readonly mining: Held<Mining>;
  readonly telemetry: Held<RigTelemetry> | undefined;
  readonly cooling: Held<Cooling> | undefined;
  readonly target: Held<Target> | undefined;
  readonly pools: Held<RigPools> | undefined;
  readonly errors: Held<RigErrors> | undefined;
  readonly system: Held<SystemInfo> | undefined;
  readonly hardware: Held<Hardware> | undefined;
  readonly network: Held<{ readonly hostname?: unknown; readonly mac?: unknown }> | undefined;
}
