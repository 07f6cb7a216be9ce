// What miners do by hand: at the factory's point while it earns more than its energy costs, else asleep.

import { NOTHING, type Script, scripted } from "./script.ts";

/** Minutes that it stays as it is. */
const DWELL = 30;

export const onOff = scripted(
  "on/off",
  function* ({ start, stock }): Script {
    const terahash = stock.rate / 1e12;
    for (let minute = 0, since = -DWELL; ; minute += 1) {
      const { told } = yield NOTHING;
      const { hashpricePerThDay, tariffPerKwh } = start.policies.signals?.(start.now()) ?? {};
      if (hashpricePerThDay === undefined || tariffPerKwh === undefined) continue;
      if (told?.controls.sleep === undefined || minute - since < DWELL) continue;
      const pays = hashpricePerThDay * terahash > tariffPerKwh * 0.024 * stock.power;
      const asleep = told.activity?.value === "sleeping";
      if (pays !== asleep) continue;
      yield [{ knob: "sleep", value: !pays }];
      since = minute;
    }
  },
  { goals: ["profit"] },
);
