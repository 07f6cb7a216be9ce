// The pools, as 4028 and as the page tell them.

import * as z from "zod";
import { scalar, status } from "./wire.ts";

export const PoolsReply = z.looseObject({
  STATUS: status,
  POOLS: z.array(
    z.looseObject({
      POOL: scalar,
      URL: scalar,
      User: scalar,
      Status: scalar,
      Priority: scalar,
      Accepted: scalar,
      Rejected: scalar,
      Stale: scalar,
      Diff: scalar,
      "Last Share Time": scalar,
      "Stratum Active": scalar,
    }),
  ),
});

/** `pools.cgi`: the same in other words, and without the pool in use. */
export const PagePools = z
  .looseObject({
    STATUS: status,
    POOLS: z.array(
      z.looseObject({
        index: scalar,
        url: scalar,
        user: scalar,
        status: scalar,
        priority: scalar,
        accepted: scalar,
        rejected: scalar,
        stale: scalar,
        diff: scalar,
        lstime: scalar,
      }),
    ),
  })
  .transform(
    ({ STATUS, POOLS }): z.output<typeof PoolsReply> => ({
      STATUS,
      POOLS: POOLS.map((pool) => ({
        POOL: pool.index,
        URL: pool.url,
        User: pool.user,
        Status: pool.status,
        Priority: pool.priority,
        Accepted: pool.accepted,
        Rejected: pool.rejected,
        Stale: pool.stale,
        Diff: pool.diff,
        "Last Share Time": pool.lstime,
        "Stratum Active": undefined,
      })),
    }),
  );
