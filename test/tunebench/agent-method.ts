// The product itself on the bench: the agent's own turn, guard and memory.

import { fleetPrior } from "../../agent/decide/model/fleet-prior.ts";
import { learntOf } from "../../agent/decide/model/learnt.ts";
import { type PriorSource, priorWithout } from "../../agent/decide/model/prior.ts";
import type { FleetFile, Taught } from "../../agent/decide/model/prior-file.ts";
import { createHands } from "../../agent/fleet/hands.ts";
import { turn } from "../../agent/loop.ts";
import { recalled } from "../../agent/memory.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { freshState } from "../../agent/state/fold.ts";
import type { Controller, Method, Setting } from "./method.ts";

const NEVER = new AbortController().signal;

export interface Schooling {
  /** What the agent believes of a machine of this chip family before it has measured it. */
  readonly prior?: (family: string) => PriorSource;
  /** Given a function that tells what was learnt so far, once the run is over. */
  readonly taught?: (learnt: () => Taught) => void;
}

export const agentMethod: Method = agentWith("nockd", {});

/** What a fleet of the same family has taught, over a prior that was made without it. */
export const schooledBy = (file: FleetFile) => (family: string) =>
  fleetPrior(file, priorWithout(family));

export function agentWith(name: string, { prior = priorWithout, taught }: Schooling): Method {
  return { name, start: (setting) => startAgent(setting, prior(setting.family), taught) };
}

function startAgent(
  { session, policies: configured, now, family }: Setting,
  prior: PriorSource,
  taught: Schooling["taught"],
): Controller {
  const policies = { ...configured, prior };
  const open = () => session;
  const onBug = (error: unknown) => {
    throw error;
  };
  let hands = createHands(open, now, onBug);
  let state: DeviceState = freshState("bench", now());
  /** What would be on disk. */
  let remembered: DeviceState["tuning"] = state.tuning;
  taught?.(() => {
    const { model = "", firmware = "" } = state.telemetry?.identity ?? {};
    const evidence = state.tuning.evidence ?? [];
    const learnt = learntOf(evidence, { model, firmware }, priorWithout(family));
    return { model, firmware, learnt };
  });
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
}
