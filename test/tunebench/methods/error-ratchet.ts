// As AxeLive does it: errors above 0.15 % cost 10 mV more, and it never comes down again. At stock
// there is nothing above that it may set, so it starts at the vendor's point 10 % below.

import { measure, move, scripted } from "./script.ts";

const ERRORS = 0.0015;
/** 10 mV of a chip at 1150 mV. */
const STEP = 10 / 1150;

export const errorRatchet = scripted(
  "error ratchet",
  function* (desk) {
    const { dial } = desk;
    const full = dial.stock[1] ?? 0;
    let point = dial.fit(dial.ladder(0.9));
    yield* move(dial, point);
    for (;;) {
      const { wrong } = yield* measure(desk, 2, 10);
      if (wrong <= ERRORS) continue;
      const [f = 0, v = 0] = point;
      const next = dial.fit([f, v + full * STEP]);
      if (next[1] === v) continue;
      point = next;
      yield* move(dial, point);
    }
  },
  { fits: (face) => face.kind === "manual" },
);
