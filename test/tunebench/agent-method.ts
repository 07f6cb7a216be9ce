// The product itself on the bench: the agent's own turn, guard and memory.

import { fleetPrior } from "../../agent/decide/model/fleet-prior.ts";
import { learntOf } from "../../agent/decide/model/learnt.ts";
import { type PriorSource, priorWithout } from "../../agent/decide/model/prior.ts";
import { type FleetFile, fleetFileOf, type Taught } from "../../agent/decide/model/prior-file.ts";
import { createHands } from "../../agent/fleet/hands.ts";
import { turn } from "../../agent/loop.ts";
import { recalled } from "../../agent/memory.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { freshState } from "../../agent/state/fold.ts";
import type { Controller, Method, Setting } from "./method.ts";

const NEVER = new AbortController().signal;

export const agentMethod: Method = {
  name: "nockd",
  goals: ["efficiency", "hashes", "profit"],
  start: (setting) => startAgent(setting, priorWithout(setting.family)).controller,
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

/** Machines that hand on what they learn. */
export interface School {
  /** Learns with the general prior. */
  readonly teacher: Method;
  /** Begins with what the teachers have learnt so far. */
  readonly pupil: Method;
  /** What the teachers have learnt so far, as the file has it. */
  file(): FleetFile;
}

export function createSchool(): School {
  const teachers: (() => Taught)[] = [];
  const file = () => fleetFileOf(teachers.map((each) => each()));
  const teacher: Method = {
    name: "teacher",
    start: (setting) => {
      const prior = priorWithout(setting.family);
      const { controller, state } = startAgent(setting, prior);
      teachers.push(() => taughtBy(state(), prior));
      return controller;
    },
  };
  return { teacher, pupil: pupilOf(file), file };
}

/** Begins with what the file says, over a prior that was made without its chip family. */
export const pupilOf = (file: () => FleetFile): Method => ({
  name: "pupil",
  start: (setting) =>
    startAgent(setting, fleetPrior(file(), priorWithout(setting.family))).controller,
});

function taughtBy({ telemetry, tuning }: DeviceState, prior: PriorSource): Taught {
  const { model = "", firmware = "" } = telemetry?.identity ?? {};
  return { model, firmware, learnt: learntOf(tuning.evidence ?? [], { model, firmware }, prior) };
}

interface Started {
  readonly controller: Controller;
  readonly state: () => DeviceState;
}

function startAgent({ session, policies: configured, now }: Setting, prior: PriorSource): Started {
  const policies = { ...configured, prior };
  const open = () => session;
  const onBug = (error: unknown) => {
    throw error;
  };
  let hands = createHands(open, now, onBug);
  let state: DeviceState = freshState("bench", now());
  /** What would be on disk. */
  let remembered: DeviceState["tuning"] = state.tuning;
  const controller: Controller = {
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
  return { controller, state: () => state };
}
