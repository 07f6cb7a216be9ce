// ePIC PowerPlay (UMC OS) on Antminers: HTTP on TCP 4028.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("epic"),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(4028)
    .meta({ description: "TCP port of the machine's API, which is HTTP here" }),
  password: z.exactOptional(
    z.string().min(1).meta({
      description: "Password of the machine. Without it the machine is only read",
      secret: true,
    }),
  ),
});

export const epic = defineDriver({
  kind: "epic",
  title: "ePIC PowerPlay",
  rank: 6,
  covers: "Antminers on ePIC PowerPlay (UMC OS) 1.5 to 1.38; BlockMiners read only",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: (given, ports) =>
    lazySession(async () => {
      const { EpicSession } = await import("./session.ts");
      return new EpicSession(given, ports);
    }),
});
