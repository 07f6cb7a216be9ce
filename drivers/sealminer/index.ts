// Bitdeer's SealMiner A2 with its own firmware: bdminer on 4028, pages on 80.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("sealminer"),
  username: z.string().min(1).default("seal").meta({ description: "User of the web pages" }),
  password: z.string().optional().meta({
    description: "Password of the web pages; without it nothing can be changed",
    secret: true,
  }),
});

export const sealminer = defineDriver({
  kind: "sealminer",
  title: "SealMiner",
  rank: 12,
  covers: "Bitdeer SealMiner A2 on stock firmware",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, port, httpPort, deadlineSeconds, username, password }, ports) =>
    lazySession(async () => {
      const { SealminerSession } = await import("./session.ts");
      return new SealminerSession(
        { host, port, httpPort, deadline: deadlineSeconds * 1000, username, password },
        ports,
      );
    }),
});
