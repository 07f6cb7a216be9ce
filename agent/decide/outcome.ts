// What a model-led decision came to.

import type { Point } from "../state/action.ts";

/** What was decided. */
export interface Outcome {
  readonly is: "change" | "suggestion" | "hold";
  /** Where the machine is to be; where it stands, when it is held. */
  readonly point: Point;
  readonly reason: string;
}
