// MicroBT Whatsminer with stock firmware (btminer): API 3.x on TCP 4433 where that answers, else API 1.x
// and 2.x on TCP 4028.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const KIND = "whatsminer";

export const whatsminer = defineDriver({
  kind: KIND,
  title: "Whatsminer btminer",
  rank: 2,
  covers: "MicroBT Whatsminers, API 2 on TCP 4028 and API 3 on TCP 4433; API 1 read only",
  options: deviceOptions.extend({
    driver: z.literal(KIND).meta({ description: "Whatsminer with MicroBT's own firmware" }),
    password: z.exactOptional(
      z.string().min(1).max(64).meta({
        description:
          "Password of the account: admin for API 1.x and 2.x, username for API 3.x. Without it the machine is only read. The machine refuses writes until its default password is changed and its Miner API is switched on in WhatsMinerTool",
        secret: true,
      }),
    ),
    username: z
      .enum(["super", "user1", "user2", "user3"])
      .default("super")
      .meta({ description: "Account of API 3.x; older firmware has only admin" }),
    apiPort3: z.int().min(1).max(65_535).default(4433).meta({
      description:
        "TCP port of API 3.x, which firmware since November 2024 has; it is tried before the other",
    }),
    powerCeilingWatts: z.exactOptional(
      z
        .number()
        .min(100)
        .max(30_000)
        .meta({
          description:
            "The highest power limit to set: this unit's ordinary power. The machine does not tell it once the limit was lowered; without it the rating of the supply or the largest limit seen bounds the limit",
          unit: "W",
          examples: [3400],
        }),
    ),
  }),
  identify: async (probe) => {
    const { identifyWhatsminer } = await import("./identify.ts");
    return identifyWhatsminer(probe, KIND);
  },
  identifyLast: async (probe) => {
    const { identifyApi3 } = await import("./identify.ts");
    return identifyApi3(probe, KIND);
  },
  connect: (options, ports) =>
    lazySession(async () => {
      const { WhatsminerSession } = await import("./session.ts");
      return new WhatsminerSession(options, ports);
    }),
});
