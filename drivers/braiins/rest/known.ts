// What a REST machine has said so far.

import type { Heard } from "../shapes.ts";
import type { Steering } from "../targets.ts";
import type { Answer, QuestionName } from "./wire.ts";

export interface Known {
  readonly answers: { readonly [Name in QuestionName]?: Heard<Answer<Name>> };
  readonly steering: Steering;
}
