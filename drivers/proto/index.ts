// Proto Rig: ProtoOS' own REST interface.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { identify } from "./identify.ts";
import { RigSession } from "./session.ts";

const options = deviceOptions.extend({
  driver: z.literal("proto"),
  password: z.string().optional().meta({
    description: "Password of the rig's web interface; without it nothing is read",
    secret: true,
  }),
});

export const proto = defineDriver({
  kind: "proto",
  title: "Proto Rig",
  options,
  identify,
  connect: ({ host, httpPort, deadlineSeconds, password }, ports) =>
    new RigSession({ host, httpPort, deadline: deadlineSeconds * 1000, password }, ports),
});
