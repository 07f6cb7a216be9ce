// Elphapex DG1, DG1+ and DG Home1 with the maker's firmware: pages behind a digest.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { identify } from "./identify.ts";
import { ElphapexSession } from "./session.ts";

const options = deviceOptions.extend({
  driver: z.literal("elphapex"),
  username: z.string().min(1).default("root").meta({ description: "User of the web pages" }),
  password: z
    .string()
    .optional()
    .meta({ description: "Password of the web pages; without it nothing is read", secret: true }),
});

export const elphapex = defineDriver({
  kind: "elphapex",
  title: "Elphapex",
  options,
  identify,
  connect: ({ host, httpPort, deadlineSeconds, username, password }, ports) =>
    new ElphapexSession(
      { host, httpPort, deadline: deadlineSeconds * 1000, username, password },
      ports,
    ),
});
