// Everything that can happen to a device, as data. State changes by folding these and by nothing else.

import type { DeviceErrorCode } from "../../drivers/contract/errors.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { EpochMs, Milliseconds } from "../../drivers/contract/units.ts";
import type { Action } from "./action.ts";
import type { Decision } from "./decision.ts";

export type Observation = { readonly at: EpochMs } & (
  | { readonly kind: "reading"; readonly telemetry: Telemetry; readonly latency: Milliseconds }
  | { readonly kind: "fault"; readonly code: DeviceErrorCode; readonly message: string }
  | { readonly kind: "decided"; readonly decision: Decision }
  /** The machine took the request, or the connection ended before it could answer. */
  | {
      readonly kind: "sent";
      readonly action: Action;
      readonly answer: "accepted" | "silent";
      readonly detail: string;
    }
  | {
      readonly kind: "refused";
      readonly action: Action;
      readonly code: DeviceErrorCode;
      readonly message: string;
    }
);
