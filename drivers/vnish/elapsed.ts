// How long the miner program has been running: /api/v1 does not tell, cgminer's API does.

import { toNumber } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";
import { exchange } from "../transport/tcp.ts";
import { ApiSummary } from "./wire.ts";

export interface ApiAddress {
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly deadline: number;
}

/** Seconds. */
export async function askElapsed(address: ApiAddress, signal: AbortSignal): Promise<number> {
  const payload = JSON.stringify({ command: "summary" });
  const text = await exchange({ ...address, payload, signal });
  const where = `${address.host}:${address.port} summary`;
  const answer = ApiSummary.safeParse(parseReply(text, where));
  const elapsed = answer.success ? toNumber(answer.data.SUMMARY?.[0]?.Elapsed) : undefined;
  if (elapsed !== undefined) return elapsed;
  throw new DeviceError("UNEXPECTED_SHAPE", `${where}: the answer has no Elapsed`);
}
