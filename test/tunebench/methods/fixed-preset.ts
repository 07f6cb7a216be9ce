// What a farm sets by hand: the vendor's operating point some percent below stock, and leaves it there.

import type { Method } from "../method.ts";
import { move, scripted } from "./script.ts";

/** `less`: 0.1 is 10 % below stock frequency, or below stock power where only watts can be set. */
export function fixedPreset(less: number): Method {
  return scripted(
    `preset -${Math.round(less * 100)} %`,
    function* ({ dial }) {
      yield* move(dial, dial.ladder(1 - less));
    },
    { goals: ["efficiency", "hashes", "profit"] },
  );
}
