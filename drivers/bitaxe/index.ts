// ESP-Miner (AxeOS) on Bitaxe boards, and its NerdAxe fork: REST on HTTP port 80.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({ driver: z.literal("bitaxe") });

export const bitaxe = defineDriver({
  kind: "bitaxe",
  title: "Bitaxe (ESP-Miner, AxeOS)",
  rank: 4,
  covers: "Bitaxe and NerdAxe boards on ESP-Miner (AxeOS) and its forks",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, httpPort, deadlineSeconds }, ports) =>
    lazySession(async () => {
      const { BitaxeSession } = await import("./session.ts");
      return new BitaxeSession({ host, httpPort, deadline: deadlineSeconds * 1000 }, ports);
    }),
});
