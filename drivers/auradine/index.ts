// Auradine's Teraflux machines with FluxOS: GCMiner on 4028, the maker's commands on 8080.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("auradine"),
  httpPort: z
    .int()
    .min(1)
    .max(65_535)
    .default(8080)
    .meta({ description: "TCP port of FluxOS' commands" }),
  username: z.string().min(1).default("admin").meta({ description: "User of FluxOS' commands" }),
  password: z.string().optional().meta({
    description:
      "Password of FluxOS' commands; without it power, fans and settings are not seen, nothing can be changed",
    secret: true,
  }),
});

export const auradine = defineDriver({
  kind: "auradine",
  title: "Auradine FluxOS",
  rank: 11,
  covers: "Auradine Teraflux on FluxOS",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, port, httpPort, deadlineSeconds, username, password }, ports) =>
    lazySession(async () => {
      const { FluxSession } = await import("./session.ts");
      return new FluxSession(
        { host, port, httpPort, deadline: deadlineSeconds * 1000, username, password },
        ports,
      );
    }),
});
