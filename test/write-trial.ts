// One wish for one knob, sent to a simulated machine and judged by the agent's own judge.

import type { Action } from "../agent/state/action.ts";
import type { DeviceState } from "../agent/state/device-state.ts";
import { fold, freshState } from "../agent/state/fold.ts";
import type { Observation } from "../agent/state/observation.ts";
import type { Controls, KnobName, Setting } from "../drivers/contract/controls.ts";
import type { Session } from "../drivers/contract/driver.ts";
import { isDeviceError } from "../drivers/contract/errors.ts";
import { type OffsetsName, offsetsFrom } from "../drivers/contract/offsets.ts";
import type { Telemetry } from "../drivers/contract/telemetry.ts";
import { type EpochMs, milliseconds } from "../drivers/contract/units.ts";

export const NEVER = new AbortController().signal;
const STEP = 20_000;
const LONGEST = 45 * 60_000;

/** The clock of the machine that a wish is tried on. */
export interface Clock {
  now(): EpochMs;
  advance(duration: number): void;
}

/** There and back, so that each knob starts from the machine as it was. */
export function wishes(knob: KnobName, controls: Controls): Setting[] {
  switch (knob) {
    case "frequency":
    case "voltage":
    case "powerLimit":
    case "powerPercent":
    case "frequencyOffset":
    case "temperatureOffset":
      return rangeWishes(knob, controls);
    case "boardOffsets":
    case "chipOffsets":
      return offsetWishes(knob, controls);
    case "profile":
    case "mode": {
      const choices = controls[knob]?.choices ?? [];
      const first = choices[Math.max(0, choices.length - 4)];
      return first === undefined ? [] : [{ knob, value: first.name }];
    }
    case "fan":
      return [
        { knob, value: 95 as never },
        { knob, value: "auto" },
      ];
    case "sleep":
    case "autotune":
    case "locate":
      return [
        { knob, value: true },
        { knob, value: false },
      ];
    case "pools":
      return [
        { knob, value: [{ url: "stratum+tcp://pool.test:3333", user: "worker.1", password: "x" }] },
      ];
    case "restart":
    case "reboot":
      return [{ knob, value: true }];
  }
}

function rangeWishes(
  knob:
    | "frequency"
    | "voltage"
    | "powerLimit"
    | "powerPercent"
    | "frequencyOffset"
    | "temperatureOffset",
  controls: Controls,
): Setting[] {
  const range = controls[knob];
  if (range === undefined) return [];
  const span = range.max - range.min;
  // Near the top: where machines run. A tenth lower is a step that any of them bears.
  const value = range.max - Math.round(span / 10 / range.step) * range.step;
  return [{ knob, value } as Setting];
}

/** Apart by a few steps in pairs, and back: an odd part stays. */
function offsetWishes(knob: OffsetsName, controls: Controls): Setting[] {
  const range = controls[knob];
  if (range === undefined) return [];
  const size = Math.ceil(20 / range.step) * range.step;
  const chips = range.parts.some((parts) => parts > 1);
  const apart = (index: number, count: number): number =>
    index >= count - (count % 2) ? 0 : index % 2 === 0 ? size : -size;
  const table = range.parts.map((parts, board) =>
    Array.from({ length: parts }, (_, part) =>
      chips ? apart(part, parts) : apart(board, range.parts.length),
    ),
  );
  const level = table.map((row) => row.map(() => 0));
  return [table, level].map((each) => ({ knob, value: offsetsFrom(knob, each) }) as Setting);
}

/** The first of the wishes that the machine does not fulfil already; another choice where there is none. */
export function changeOf(knob: KnobName, { controls, setpoint }: Telemetry): Setting | undefined {
  const wish = wishes(knob, controls).find(
    (each) =>
      each.knob === "restart" ||
      each.knob === "reboot" ||
      setpoint[each.knob]?.value !== each.value,
  );
  if (wish !== undefined || (knob !== "profile" && knob !== "mode")) return wish;
  const other = controls[knob]?.choices.find(({ name }) => name !== setpoint[knob]?.value);
  return other === undefined ? undefined : { knob, value: other.name };
}

/** Until it is judged and the machine hashes again, so that the next knob starts from there. */
export async function tryOut(clock: Clock, session: Session, wish: Setting): Promise<DeviceState> {
  let state = fold(freshState("d", clock.now()), await observe(clock, session));
  state = fold(state, await send(clock, session, wish));
  if (state.write === undefined) return state;
  for (let waited = 0; waited < LONGEST && state.outcome === undefined; waited += STEP) {
    clock.advance(STEP);
    state = fold(state, await observe(clock, session));
  }
  for (let waited = 0; waited < LONGEST && !isHashing(state); waited += STEP) {
    if (wish.knob === "sleep" && wish.value) break;
    clock.advance(STEP);
    state = fold(state, await observe(clock, session));
  }
  return state;
}

const isHashing = (state: DeviceState): boolean =>
  state.link.status === "up" && state.telemetry?.activity?.value === "hashing";

/** Sends it once. */
export async function send(clock: Clock, session: Session, wish: Setting): Promise<Observation> {
  const at = clock.now();
  const action: Action = { device: "d", at, purpose: "operator", settings: [wish], reason: "test" };
  try {
    const receipt = await session.write([wish], NEVER);
    return { kind: "sent", at: clock.now(), action, ...receipt };
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    const { code, message } = error;
    return { kind: "refused", at: clock.now(), action, code, message };
  }
}

export async function observe(clock: Clock, session: Session): Promise<Observation> {
  try {
    const telemetry = await session.read(NEVER);
    return { kind: "reading", at: telemetry.at, telemetry, latency: milliseconds(1) };
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    // A refused connection takes no time, and a port takes some to open: the sockets are real.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { kind: "fault", at: clock.now(), code: error.code, message: error.message };
  }
}
