// IceRiver's KS and AL machines with the maker's firmware. That of others (pbfarmer) speaks another way.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { identify } from "./identify.ts";
import { IceriverSession } from "./session.ts";

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
  options,
  identify,
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    new IceriverSession(
      { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
      ports,
    ),
});
