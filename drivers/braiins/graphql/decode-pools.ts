// Pools and what the machine complains about.

import { lookUp, present, toBoolean, toNumber } from "../../contract/decoding.ts";
import type { MachineFault, Pool } from "../../contract/telemetry.ts";
import type { Known } from "./known.ts";

const POOL_STATUS: Readonly<Record<string, Pool["status"]>> = {
  ALIVE: "alive",
  DEAD: "dead",
  DISABLED: "disabled",
};

export function decodePools(known: Known): Pool[] {
  const groups = known.answers.pools?.answer.bosminer?.info?.poolGroups ?? [];
  return groups
    .flatMap((group, number) =>
      (group.pools ?? []).map((pool, priority) => ({ pool, priority, number })),
    )
    .map(({ pool, priority, number }, index) =>
      present({
        index,
        url: pool.url ?? "",
        user: pool.user ?? "",
        status: lookUp(POOL_STATUS, pool.status ?? undefined) ?? "unknown",
        active: toBoolean(pool.active),
        priority,
        group: groups.length > 1 ? number : undefined,
        accepted: toNumber(pool.shares?.acceptedSolutions),
        rejected: toNumber(pool.shares?.rejectedSolutions),
      }),
    );
}

/** Good news are appeals too. */
export function decodeFaults(known: Known): MachineFault[] {
  return (known.answers.events?.answer.events?.appeals ?? []).flatMap(({ kind, message }) =>
    kind === "ERROR" || kind === "WARNING"
      ? [{ code: kind, text: message ?? "no words given" }]
      : [],
  );
}
