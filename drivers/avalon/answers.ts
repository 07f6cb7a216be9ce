// What a session knows of its machine: the last answer to each question, with the time when it came.

import type { EpochMs } from "../contract/units.ts";
import { parseModule } from "./module-text.ts";
import type { Reply } from "./reply.ts";
import {
  BOARDS_KEY,
  MODULE_KEY,
  type Module,
  type Pool,
  type Question,
  SECTIONS,
  Stats,
  type Summary,
  type Version,
} from "./wire.ts";

export interface Answered<Value> {
  readonly value: Value;
  readonly at: EpochMs;
  /** The machine's clock at that time, seconds. */
  readonly when?: number;
}

export interface Statistics {
  readonly question: Question;
  /** `AVA100`, `AV90`. */
  readonly id?: string;
  /** One, but for gen 1, whose controller drives several. */
  readonly modules: readonly Module[];
}

export interface Answers {
  readonly version?: Answered<Version>;
  readonly statistics?: Answered<Statistics>;
  readonly summary?: Answered<Summary>;
  readonly pools?: Answered<readonly Pool[]>;
}

/** undefined when the answer holds no module, or only an empty one, as `estats` of some Q builds. */
export function openStatistics(reply: Reply, question: Question): Statistics | undefined {
  for (const fields of reply.sections[SECTIONS[question]] ?? []) {
    const boards = Object.entries(fields).find(([key]) => BOARDS_KEY.test(key))?.[1];
    const modules = Object.entries(fields)
      .filter(([key, value]) => MODULE_KEY.test(key) && typeof value === "string")
      .sort(([a], [b]) => moduleNumber(a) - moduleNumber(b))
      .map(([, value]) => parseModule(String(value), typeof boards === "string" ? boards : ""))
      .filter((module) => Object.keys(module).length > 0);
    if (modules.length === 0) continue;
    const { ID } = Stats.parse(fields);
    return { question, modules, ...(ID === undefined ? {} : { id: ID }) };
  }
  return undefined;
}

const moduleNumber = (key: string): number => Number(MODULE_KEY.exec(key)?.[1] ?? 0);
