// What the machine has said so far, each answer with the time it came.

import type { EpochMs } from "../contract/units.ts";
import type { Answer, QuestionName } from "./wire.ts";

export interface Heard<What> {
  readonly answer: What;
  readonly at: EpochMs;
}

export type Known = { readonly [Name in QuestionName]?: Heard<Answer<Name>> };
