// What a session knows of its machine: the last answer to each question, with the time when it came.

import type { EpochMs } from "../contract/units.ts";
import type { CgminerPool } from "../transport/cgminer.ts";
import { parseModule } from "./module-text.ts";
import type { Reply } from "./reply.ts";
import {
  BOARDS_KEY,
  MODULE_KEY,
  type Module,
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
  /** One, but for gen 1, whose controller drives several on each of several bridges. */
  readonly modules: readonly Module[];
}

export interface Answers {
  readonly version?: Answered<Version>;
  readonly statistics?: Answered<Statistics>;
  readonly summary?: Answered<Summary>;
  readonly pools?: Answered<readonly CgminerPool[]>;
}

/**
 * All modules of all records: a controller of gen 1 has one record a USB bridge, AV70, AV71, .., with up
 * to five modules each. undefined when the answer holds no module, or only an empty one, as `estats` of
 * some Q builds.
 */
export function openStatistics(reply: Reply, question: Question): Statistics | undefined {
  const records = (reply.sections[SECTIONS[question]] ?? [])
    .map((fields) => ({ id: Stats.parse(fields).ID, modules: modulesOf(fields) }))
    .filter(({ modules }) => modules.length > 0);
  const [first] = records;
  if (first === undefined) return undefined;
  const modules = records.flatMap((record) => record.modules);
  return { question, modules, ...(first.id === undefined ? {} : { id: first.id }) };
}

function modulesOf(fields: Readonly<Record<string, unknown>>): Module[] {
  const boards = Object.entries(fields).find(([key]) => BOARDS_KEY.test(key))?.[1];
  return Object.entries(fields)
    .filter(([key, value]) => MODULE_KEY.test(key) && typeof value === "string")
    .sort(([a], [b]) => moduleNumber(a) - moduleNumber(b))
    .map(([, value]) => parseModule(String(value), typeof boards === "string" ? boards : ""))
    .filter((module) => Object.keys(module).length > 0);
}

const moduleNumber = (key: string): number => Number(MODULE_KEY.exec(key)?.[1] ?? 0);
