// A new list of pools. LUXminer has no command for it: pools are added and removed one by one.

import type { PoolConfig } from "../contract/controls.ts";
import { toNumber } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import { type LuxosClient, refusal, wordsOf } from "./client.ts";
import { Answer, REPORTS } from "./wire.ts";

interface Present {
  readonly id: number;
  readonly url: string;
  readonly user: string;
}

/**
 * Adds the new pools, switches to the first, then removes what was there before: at no time is the
 * machine without a pool. None of these commands takes a session id. Throws REJECTED with the machine's
 * words; the old pools that are still there go on.
 */
export async function replacePools(
  client: LuxosClient,
  wanted: readonly PoolConfig[],
  signal: AbortSignal,
): Promise<string> {
  for (const [index, pool] of wanted.entries()) {
    await addPool(client, pool, wanted.slice(0, index), signal);
  }
  const pools = await listPools(client, signal);
  const first = pools.findLast((pool) => samePool(pool, wanted[0]));
  if (first === undefined)
    throw new DeviceError("REJECTED", "addpool: the new pools are not there");
  const words = await say(client, "switchpool", [String(first.id)], signal);
  await removeOthers(client, wanted, signal);
  return words;
}

/** An address that is there already is refused: the old entry goes first then. */
async function addPool(
  client: LuxosClient,
  pool: PoolConfig,
  added: readonly PoolConfig[],
  signal: AbortSignal,
): Promise<void> {
  const fields = [pool.url, pool.user, pool.password];
  const answer = await client.request(Answer, "addpool", fields, signal);
  const refused = refusal("addpool", answer);
  if (refused === undefined) return;
  const twin = (await listPools(client, signal)).find((other) => other.url === pool.url);
  const ours = twin !== undefined && added.some((each) => samePool(twin, each));
  if (refused.code !== "REJECTED" || twin === undefined || ours) throw refused;
  await say(client, "removepool", [String(twin.id)], signal);
  await say(client, "addpool", fields, signal);
}

async function removeOthers(
  client: LuxosClient,
  wanted: readonly PoolConfig[],
  signal: AbortSignal,
): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const pools = await listPools(client, signal);
    // Removals number the others anew: one more might hit a pool that must stay.
    if (pools.length >= before) {
      throw new DeviceError("REJECTED", "removepool: the old pools do not go away");
    }
    before = pools.length;
    // Of two alike the later one is new.
    const keep = new Set(wanted.map((each) => pools.findLast((pool) => samePool(pool, each))?.id));
    const other = pools.findLast((pool) => !keep.has(pool.id));
    if (other === undefined) return;
    await say(client, "removepool", [String(other.id)], signal);
  }
}

const samePool = (a: Present, b: PoolConfig | undefined): boolean =>
  a.url === b?.url && a.user === b.user;

async function listPools(client: LuxosClient, signal: AbortSignal): Promise<Present[]> {
  const answer = await client.request(REPORTS.pools, "pools", [], signal);
  const refused = refusal("pools", answer);
  if (refused !== undefined) throw refused;
  return (answer.POOLS ?? [])
    .flatMap((pool) => {
      const id = toNumber(pool.POOL);
      return id === undefined ? [] : [{ id, url: pool.URL ?? "", user: pool.User ?? "" }];
    })
    .sort((a, b) => a.id - b.id);
}

async function say(
  client: LuxosClient,
  command: string,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const answer = await client.request(Answer, command, fields, signal);
  const refused = refusal(command, answer);
  if (refused !== undefined) throw refused;
  return `${command}: ${wordsOf(answer)}`;
}
