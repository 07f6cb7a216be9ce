// Bitdeer's SealMiner A2 with its own firmware: bdminer on 4028, pages on 80.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { identify } from "./identify.ts";
import { SealminerSession } from "./session.ts";

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
  options,
  identify,
  connect: ({ host, port, httpPort, deadlineSeconds, username, password }, ports) =>
    new SealminerSession(
      { host, port, httpPort, deadline: deadlineSeconds * 1000, username, password },
      ports,
    ),
});
