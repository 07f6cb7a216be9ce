// What a technician reads in the log: each change of state once, when it begins and when it ends.

import type { Logger } from "pino";
import type { Telemetry } from "../drivers/contract/telemetry.ts";
import type { DeviceState } from "./state/device-state.ts";
import { describeSetting } from "./state/point.ts";
import { isAnother, isOtherFirmware } from "./state/unit.ts";

/** Compares two states of one device and logs what is new. */
export function announce(log: Logger, state: DeviceState, before: DeviceState): void {
  announceLink(log, state, before);
  announceExchange(log, state, before);
  announceIdentity(log, state.telemetry, before.telemetry);
  announceProblems(log, state.telemetry, before.telemetry);
  announceFaults(log, state.telemetry, before.telemetry);
  announceOutcome(log, state, before);
  announceDecision(log, state, before);
}

function announceLink(log: Logger, state: DeviceState, before: DeviceState): void {
  if (state.link.status === before.link.status) return;
  const seconds = Math.round((state.link.since - before.link.since) / 1000);
  if (state.link.status === "down") {
    log.warn({ code: state.link.code, detail: state.link.message }, "device does not answer");
  } else if (before.link.status === "down") {
    log.info({ downSeconds: seconds }, "device answers again");
  }
}

/** Another machine, or other firmware: with what was learnt of it before, if anything was. */
function announceExchange(log: Logger, state: DeviceState, before: DeviceState): void {
  const identity = state.telemetry?.identity;
  if (before.unit === undefined || identity === undefined) return;
  const replaced = isAnother(before.unit, identity);
  if (!replaced && !isOtherFirmware(before.unit, identity)) return;
  const measured = state.tuning.evidence?.length ?? 0;
  const then =
    measured > 0
      ? `${measured} measurements of it are remembered`
      : "nothing is known of it yet: it is measured anew";
  const what = replaced
    ? "another machine answers at this address"
    : "the machine runs other firmware";
  log.warn({ was: before.unit, remembered: state.shelf?.length ?? 0 }, `${what}: ${then}`);
}

function announceIdentity(
  log: Logger,
  now: Telemetry | undefined,
  old: Telemetry | undefined,
): void {
  if (now === undefined) return;
  const same =
    old !== undefined &&
    old.identity.model === now.identity.model &&
    old.identity.firmwareVersion === now.identity.firmwareVersion &&
    old.identity.mac === now.identity.mac;
  if (same) return;
  const { vendor, model, firmware, firmwareVersion, mac, modelKnown } = now.identity;
  const offers = Object.keys(now.controls);
  log.info({ vendor, model, firmware, firmwareVersion, mac, offers }, "device identified");
  if (!modelKnown) {
    const words = "unknown model: it is read, and no writes are offered; run `nockd capture`";
    log.warn({ model }, words);
  }
}

function announceProblems(
  log: Logger,
  now: Telemetry | undefined,
  old: Telemetry | undefined,
): void {
  if (now === undefined) return;
  const name = (problem: Telemetry["problems"][number]) => `${problem.source} ${problem.code}`;
  const had = new Set(old?.problems.map(name));
  const has = new Set(now.problems.map(name));
  for (const problem of now.problems) {
    if (!had.has(name(problem))) log.warn({ ...problem }, "part of the reading failed");
  }
  for (const problem of old?.problems ?? []) {
    if (!has.has(name(problem)))
      log.info({ source: problem.source }, "part of the reading works again");
  }
}

function announceFaults(log: Logger, now: Telemetry | undefined, old: Telemetry | undefined): void {
  if (now === undefined) return;
  const had = new Set(old?.faults.map((fault) => fault.code));
  const has = new Set(now.faults.map((fault) => fault.code));
  for (const fault of now.faults) {
    if (!had.has(fault.code)) log.warn({ ...fault }, "machine reports a fault");
  }
  for (const fault of old?.faults ?? []) {
    if (!has.has(fault.code)) log.info({ code: fault.code }, "machine reports the fault no more");
  }
}

function announceOutcome(log: Logger, state: DeviceState, before: DeviceState): void {
  const outcome = state.outcome;
  if (outcome === undefined || outcome === before.outcome) return;
  const { verdict, detail, action } = outcome;
  const facts = {
    verdict,
    detail,
    settings: action.settings.map(describeSetting),
    purpose: action.purpose,
  };
  if (verdict === "applied") log.info(facts, "change judged");
  else log.warn(facts, "change judged");
}

function announceDecision(log: Logger, state: DeviceState, before: DeviceState): void {
  const decision = state.decision;
  const old = before.decision;
  if (decision === undefined) return;
  const facts = {
    policy: decision.policy,
    phase: decision.tuning.phase,
    reason: decision.reason,
    ...(decision.refused === undefined ? {} : { refused: decision.refused }),
    ...(decision.action === undefined
      ? {}
      : {
          settings: decision.action.settings.map(describeSetting),
          purpose: decision.action.purpose,
        }),
  };
  const repeated = decision.reason === old?.reason && decision.refused === old.refused;
  if (decision.action !== undefined) log.info(facts, "decision");
  else if (decision.refused !== undefined && !repeated)
    log.info(facts, "decision refused by the guard");
  else if (decision.tuning.phase !== old?.tuning.phase) log.info(facts, "decision");
  else if (!repeated) log.debug(facts, "decision");
}
