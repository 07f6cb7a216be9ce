// Runs the head alone through simulated hours: reading, fold, decide, guard, and a machine made of a function.

import { decide } from "../../agent/decide/decide.ts";
import { guard, type Ruled } from "../../agent/decide/guard.ts";
import type { Policies } from "../../agent/decide/policies.ts";
import type { DeviceState } from "../../agent/state/device-state.ts";
import { fold, freshState } from "../../agent/state/fold.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { epochMs, milliseconds } from "../../drivers/contract/units.ts";
import { START } from "./example.ts";

export interface ToyMachine {
  read(at: number): Telemetry;
  write(settings: readonly Setting[], at: number): void;
}

export interface Entry {
  readonly minute: number;
  readonly ruled: Ruled;
  readonly state: DeviceState;
}

/** One turn every ten seconds for so many minutes; returns every turn. */
export function runSeries(
  machine: ToyMachine,
  policies: Policies,
  minutes: number,
  state: DeviceState = freshState("toy", START),
): Entry[] {
  const entries: Entry[] = [];
  let now = state.telemetry === undefined ? START : epochMs(state.telemetry.at + 10_000);
  const end = now + minutes * 60_000;
  let current = state;
  while (now < end) {
    const reading = machine.read(now);
    const seen = fold(current, {
      kind: "reading",
      at: now,
      telemetry: reading,
      latency: milliseconds(5),
    });
    const ruled = guard(decide(seen, policies, now), seen, policies, now);
    current = fold(seen, { kind: "decided", at: now, decision: ruled.decision });
    if (ruled.action !== undefined) {
      machine.write(ruled.action.settings, now);
      current = fold(current, {
        kind: "sent",
        at: now,
        action: ruled.action,
        answer: "accepted",
        detail: "ok",
      });
    }
    entries.push({ minute: (now - START) / 60_000, ruled, state: current });
    now = epochMs(now + 10_000);
  }
  return entries;
}

/** The actions of a run, one line each. */
export const actions = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => entry.ruled.action !== undefined);
