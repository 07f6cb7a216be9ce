// Innosilicon's own firmware (T2, T3, A9, A10, A11, DragonMint T1): web pages behind a login.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("innosilicon"),
  username: z
    .string()
    .min(1)
    .default("admin")
    .meta({ description: "User of the machine's web pages" }),
  password: z.string().optional().meta({
    description: "Password of the machine's web pages; without it nothing can be read",
    secret: true,
  }),
  overclock: z.boolean().default(false).meta({
    description:
      "Offers the performance profiles too; the maker warns that supply and cables must bear them",
  }),
});

export const innosilicon = defineDriver({
  kind: "innosilicon",
  title: "Innosilicon stock",
  rank: 8,
  covers: "Innosilicon T1 to T3, A4 to A11 on stock firmware with its web login",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: (given, ports) =>
    lazySession(async () => {
      const { InnosiliconSession } = await import("./session.ts");
      return new InnosiliconSession(given, ports);
    }),
});
