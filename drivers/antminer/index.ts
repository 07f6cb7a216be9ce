// Bitmain's own firmware, on every Antminer from S9 to S21.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("antminer"),
  powerPort: z
    .int()
    .min(1)
    .max(65_535)
    .default(6060)
    .meta({ description: "TCP port where S19 and later tell the watts of their supply" }),
  username: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: "User of the machine's web pages; without it settings cannot be read or changed",
      examples: ["root"],
    }),
  password: z
    .string()
    .optional()
    .meta({ description: "Password of the machine's web pages", secret: true }),
  writeDeadlineSeconds: z.number().min(1).max(300).default(60).meta({
    description: "Longest time for a change of settings, which the machine answers when it is done",
    unit: "s",
  }),
});

export const antminer = defineDriver({
  kind: "antminer",
  title: "Antminer stock",
  rank: 99,
  covers: "Antminers on Bitmain's own firmware, S9 to S21 and other algorithms",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: (given, ports) =>
    lazySession(async () => {
      const { AntminerSession } = await import("./session.ts");
      return new AntminerSession(given, given.writeDeadlineSeconds * 1000, ports);
    }),
});
