// Elphapex DG1, DG1+ and DG Home1 with the maker's firmware: pages behind a digest.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("elphapex"),
  username: z.string().min(1).default("root").meta({ description: "User of the web pages" }),
  password: z
    .string()
    .optional()
    .meta({ description: "Password of the web pages; without it nothing is read", secret: true }),
});

export const elphapex = defineDriver({
  kind: "elphapex",
  title: "Elphapex",
  rank: 13,
  covers: "Elphapex DG1, DG1+ and DG Home (Scrypt)",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    lazySession(async () => {
      const { ElphapexSession } = await import("./session.ts");
      return new ElphapexSession(
        { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
        ports,
      );
    }),
});
