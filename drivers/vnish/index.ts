// VNish, later AnthillOS, on Antminers: its REST interface under /api/v1.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("vnish"),
  password: z.exactOptional(
    z.string().min(1).max(128).meta({
      description:
        "Password of the machine's web page, which the firmware sets to admin. Without it the machine is only read",
      secret: true,
    }),
  ),
});

export const vnish = defineDriver({
  kind: "vnish",
  title: "VNish",
  rank: 7,
  covers: "Antminers on VNish, REST API 1.2 and 1.3",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ deadlineSeconds, host, port, httpPort, password }, ports) =>
    lazySession(async () => {
      const { VnishSession } = await import("./session.ts");
      return new VnishSession(
        {
          host,
          port,
          httpPort,
          deadline: deadlineSeconds * 1000,
          ...(password === undefined ? {} : { password }),
        },
        ports,
      );
    }),
});
