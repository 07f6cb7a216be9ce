// The pools, as 4028 and as the page tell them. A reply without a list is none.

import * as z from "zod";
import { CgminerPool, PagePool } from "../transport/cgminer.ts";
import { status } from "./wire.ts";

export const PoolsReply = z.looseObject({ STATUS: status, POOLS: z.array(CgminerPool) });
export const PagePools = z.looseObject({ STATUS: status, POOLS: z.array(PagePool) });
