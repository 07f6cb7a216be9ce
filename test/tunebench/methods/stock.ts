// Nobody touches the machine.

import type { Method } from "../method.ts";

export const stock: Method = {
  name: "stock",
  goals: ["efficiency", "hashes", "profit"],
  start: ({ session }) => ({
    turn: async () => {
      await session.read(new AbortController().signal).catch(() => undefined);
    },
  }),
};
