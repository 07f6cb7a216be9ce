// LuxOS by Luxor on Antminers: LUXminer's API on TCP 4028.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("luxos"),
  pauseSeconds: z.number().min(0).max(10).default(0.2).meta({
    description:
      "Least time between two connections; some builds close their API for a while when asked faster",
    unit: "s",
  }),
});

export const luxos = defineDriver({
  kind: "luxos",
  title: "LuxOS",
  rank: 1,
  covers: "Antminers on LuxOS, API 3.7",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, port, deadlineSeconds, pauseSeconds }, ports) =>
    lazySession(async () => {
      const { LuxosSession } = await import("./session.ts");
      const timing = { deadline: deadlineSeconds * 1000, pause: pauseSeconds * 1000 };
      return new LuxosSession({ host, port, ...timing }, ports);
    }),
});
