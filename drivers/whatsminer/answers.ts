// What a session has heard: the last answer to each question, each with its own age.

import type { EpochMs } from "../contract/units.ts";
import type { CgminerPool } from "../transport/cgminer.ts";
import type {
  Device,
  DeviceDetails,
  ErrorCodes,
  MinerInfo,
  Psu,
  Status,
  Summary,
  Version,
} from "./wire.ts";

/** One answer, with the request that gave it. */
export interface Known<Value> {
  readonly value: Value;
  readonly at: EpochMs;
  readonly source: string;
}

/** The last answer of each kind. */
export interface Answers {
  summary?: Known<Summary> | undefined;
  boards?: Known<readonly Device[]> | undefined;
  pools?: Known<readonly CgminerPool[]> | undefined;
  version?: Known<Version> | undefined;
  details?: Known<readonly DeviceDetails[]> | undefined;
  psu?: Known<Psu> | undefined;
  info?: Known<MinerInfo> | undefined;
  status?: Known<Status> | undefined;
  errors?: Known<ErrorCodes> | undefined;
}

export function identitySources(answers: Answers) {
  return {
    summary: answers.summary?.value,
    version: answers.version?.value,
    details: answers.details?.value,
    psu: answers.psu?.value,
    info: answers.info?.value,
    status: answers.status?.value,
  };
}
