// Proto Rig: ProtoOS' own REST interface.

import * as z from "zod";
import { defineDriver, deviceOptions } from "../contract/driver.ts";
import { lazySession } from "../contract/lazy-session.ts";

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
  rank: 10,
  covers: "Proto Rigs, REST API of the maker",
  options,
  identify: async (probe) => {
    const { identify } = await import("./identify.ts");
    return identify(probe);
  },
  connect: ({ host, httpPort, deadlineSeconds, password }, ports) =>
    lazySession(async () => {
      const { RigSession } = await import("./session.ts");
      return new RigSession({ host, httpPort, deadline: deadlineSeconds * 1000, password }, ports);
    }),
});
