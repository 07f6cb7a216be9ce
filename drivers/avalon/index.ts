// Canaan Avalon with its own firmware: 7xx to 9xx on a Raspberry Pi, A10 to A15 (MM3, MM4), Nano 3, Nano 3S,
// Mini 3 and Q. Everything goes through cgminer's API on TCP 4028; the web page is not asked.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const KIND = "avalon";

/** Both are sent as fields of a list that commas separate and that has no escape. */
const credential = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^,|\s]+$/, "no comma, bar or blank");

export const avalon = defineDriver({
  kind: KIND,
  title: "Canaan Avalon",
  rank: 3,
  covers: "Canaan Avalon A10 to A15, Nano 3, Nano 3S, Q; older ones read only",
  options: deviceOptions.extend({
    driver: z.literal(KIND).meta({ description: "Avalon with Canaan's own firmware" }),
    username: z.exactOptional(
      credential.meta({
        description:
          "User of the machine's web page, for the change of pools. By default root, on Nano, Mini and Q admin",
      }),
    ),
    password: z.exactOptional(
      credential.meta({
        description:
          "Password of the machine's web page. Only the change of pools needs it; everything else is open to the network",
        secret: true,
      }),
    ),
  }),
  identify: async (probe) => {
    const { identifyAvalon } = await import("./identify.ts");
    return identifyAvalon(probe, KIND);
  },
  connect: (options, ports) =>
    lazySession(async () => {
      const { AvalonSession } = await import("./session.ts");
      return new AvalonSession(options, ports);
    }),
});
