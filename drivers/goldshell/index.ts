// Goldshell's X5, Max and Box machines with the maker's firmware.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("goldshell"),
  username: z.string().min(1).default("admin").meta({ description: "User of the web pages" }),
  password: z
    .string()
    .optional()
    .meta({ description: "Password of the web pages; without it nothing is read", secret: true }),
});

export const goldshell = defineDriver({
  kind: "goldshell",
  title: "Goldshell",
  rank: 14,
  covers: "Goldshell boxes and X machines, several algorithms",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    lazySession(async () => {
      const { GoldshellSession } = await import("./session.ts");
      return new GoldshellSession(
        { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
        ports,
      );
    }),
});
