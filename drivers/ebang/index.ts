// Ebang's own firmware on Ebit E9 to E12: web pages behind a login; read, pools and restart.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("ebang"),
  username: z
    .string()
    .min(1)
    .default("admin")
    .meta({ description: "User of the machine's web pages" }),
  password: z.string().optional().meta({
    description: "Password of the machine's web pages; without it nothing can be read",
    secret: true,
  }),
});

export const ebang = defineDriver({
  kind: "ebang",
  title: "Ebang stock",
  rank: 9,
  covers: "Ebang Ebit E9 to E12 on stock firmware: read, pools, restart",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: (given, ports) =>
    lazySession(async () => {
      const { EbangSession } = await import("./session.ts");
      return new EbangSession(given, ports);
    }),
});
