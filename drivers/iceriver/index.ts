// IceRiver's KS and AL machines with the maker's firmware. That of others (pbfarmer) speaks another way.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("iceriver"),
  username: z.string().min(1).default("admin").meta({ description: "User of the web pages" }),
  password: z
    .string()
    .optional()
    .meta({ description: "Password of the web pages; without it nothing is read", secret: true }),
});

export const iceriver = defineDriver({
  kind: "iceriver",
  title: "IceRiver",
  rank: 15,
  covers: "IceRiver KS and AL machines (kHeavyHash, Blake3)",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    lazySession(async () => {
      const { IceriverSession } = await import("./session.ts");
      return new IceriverSession(
        { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
        ports,
      );
    }),
});
