// Goldshell's X5, Max and Box machines with the maker's firmware.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { identify } from "./identify.ts";
import { GoldshellSession } from "./session.ts";

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
  options,
  identify,
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    new GoldshellSession(
      { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
      ports,
    ),
});
