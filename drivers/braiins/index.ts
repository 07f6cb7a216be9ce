// Braiins OS and OS+ on Antminers: REST on port 80 (25.07 and later), GraphQL on port 80 (22.08 to 25.05),
// and for BOSminer before that the cgminer API on 4028, for reading. Its gRPC on 50051 is left out: it
// would need HTTP/2 and protobuf, and offers nothing that REST does not, but the points of its own
// efficiency model (GetMinerEfficiencyProfile).

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

const options = deviceOptions.extend({
  driver: z.literal("braiins"),
  username: z.string().min(1).default("root").meta({ description: "User of the web interface" }),
  password: z.string().optional().meta({
    description:
      "Password of that user, as the web interface asks for it; may be empty. Without it only old releases tell anything",
    secret: true,
  }),
  api: z.enum(["auto", "rest", "graphql", "cgminer"]).default("auto").meta({
    description:
      "Which of its interfaces to use; auto asks the machine. rest: 25.07 and later, graphql: 22.08 to 25.05, cgminer: before that, reading only",
  }),
  steering: z.enum(["limit", "profiles"]).default("limit").meta({
    description:
      "How its watts are steered. limit: any power target or a hashrate target; a new one is tuned for up to hours. profiles: only the points that the firmware has tuned already, with its own figures (25.07 and later)",
  }),
});

export const braiins = defineDriver({
  kind: "braiins",
  title: "Braiins OS",
  rank: 5,
  covers:
    "Antminers on Braiins OS and OS+: REST from 25.07, GraphQL from 22.08, older ones read only",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ deadlineSeconds, ...rest }, ports) =>
    lazySession(async () => {
      const { BraiinsSession } = await import("./session.ts");
      return new BraiinsSession({ ...rest, deadline: deadlineSeconds * 1000 }, ports);
    }),
});
