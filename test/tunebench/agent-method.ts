// The product itself on the bench: the agent's own turn, guard and memory.

import { priorWithout } from "../../agent/decide/model/prior.ts";
import { createHands } from "../../agent/fleet/hands.ts";
import { turn } from "../../agent/loop.ts";
import { recalled } from "../../agent/memory.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { freshState } from "../../agent/state/fold.ts";
import type { Method } from "./method.ts";

const NEVER = new AbortController().signal;

export const agentMethod: Method = {
  name: "nockd",
  goals: ["efficiency", "hashes", "profit"],
  start: ({ session, policies: configured, now, family }) => {
    const policies = { ...configured, prior: priorWithout(family) };
    const open = () => session;
    const onBug = (error: unknown) => {
      throw error;
    };
    let hands = createHands(open, now, onBug);
    let state: DeviceState = freshState("bench", now());
    /** What would be on disk. */
    let remembered: DeviceState["tuning"] = state.tuning;
    return {
      turn: async () => {
        state = await turn(
          state,
          {
            hands,
            policies,
            now,
            remember: (next) => {
              remembered = next.tuning;
              return true;
            },
            report: () => undefined,
          },
          NEVER,
        );
      },
      restart: () => {
        hands = createHands(open, now, onBug);
        state = freshState("bench", now(), recalled(remembered, now()));
      },
      words: () => `${state.tuning.phase}: ${state.decision?.reason ?? ""}`,
    };
  },
};

/** The product with all chips at one frequency, beside what equalising adds to it. */
export const levelAgentMethod: Method = {
  name: "nockd level",
  fits: (face) => face.kind === "per-chip",
  start: (setting) => {
    const { policies } = setting;
    const tuning = { ...policies.tuning, equalise: "off" as const };
    return agentMethod.start({ ...setting, policies: { ...policies, tuning } });
  },
};
