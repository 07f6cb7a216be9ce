// From a rig's answers to Telemetry. Pure.

import {
  hottest,
  lookUp,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toMac,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { measuredBy, rateReading, scaled, temperatureReading } from "../contract/quantities.ts";
import type {
  Activity,
  Board,
  Fan,
  Identity,
  MachineFault,
  Pool,
  PowerReading,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, milliseconds, percent, rpm, watts } from "../contract/units.ts";
import { findProto } from "../hardware/proto.ts";
import type { Held } from "../transport/answer.ts";
import type { Answers } from "./answers.ts";
import { controlsOf, setpointOf } from "./controls.ts";
import { decodeBoards } from "./decode-boards.ts";
import type { Cooling, RigErrors, RigPools } from "./wire.ts";

export const FIRMWARE = "ProtoOS";
const SECOND = 1000;
const GIGA = 1e9;
const TERA = 1e12;
/** Neither answer names the window of its rate: the rig's own page draws them as the present one. */
const NOW_WINDOW = 5_000;

export function decode(answers: Answers, at: EpochMs): Omit<Telemetry, "problems"> {
  const { mining, cooling, telemetry } = answers;
  const identity = decodeIdentity(answers);
  const boards = decodeBoards(answers);
  const setpoint = setpointOf(answers);
  const status = mining.value;
  const read = reader(mining.source, mining.at);
  return {
    at,
    identity,
    algorithm: "sha256",
    fans: fansOf(cooling),
    boards,
    pools: poolsOf(answers.pools?.value),
    setpoint,
    controls: controlsOf(identity.modelKnown, answers),
    faults: faultsOf(answers.errors?.value ?? []),
    ...present({
      activity: readingOf(activityOf(status.status), mining.source, mining.at),
      hashrate: presentOrNone({
        now: rateReading(
          telemetry?.value.miner?.hashrate?.value,
          { scale: TERA, window: NOW_WINDOW },
          telemetry ?? mining,
        ),
        average: rateReading(
          status.average_hashrate_ghs,
          { scale: GIGA, window: scaled(status.mining_uptime_s, SECOND) ?? 0 },
          mining,
        ),
        ideal: rateReading(status.ideal_hashrate_ghs, { scale: GIGA, window: 0 }, mining),
      }),
      power: powerOf(answers),
      temperature: heatOf(answers, boards),
      uptime: read(milliseconds, scaled(status.mining_uptime_s, SECOND)),
    }),
  };
}

export function decodeIdentity({
  system,
  hardware,
  network,
}: Pick<Answers, "system" | "hardware" | "network">): Identity {
  const info = system?.value;
  const model = toText(info?.model);
  return {
    vendor: "Proto",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findProto(model) !== undefined,
    ...present({
      firmwareVersion: toText(info?.os?.version),
      apiVersion: toText(info?.web_server?.version),
      model,
      serial: toText(hardware?.value["cb-info"]?.serial_number) ?? toText(info?.cb_sn),
      mac: toMac(network?.value.mac),
      hostname: toText(network?.value.hostname),
      controlBoard: toText(info?.board),
      psu: toText(hardware?.value["psus-info"][0]?.model),
    }),
  };
}

const ACTIVITIES: Readonly<Record<string, Activity>> = {
  Mining: "hashing",
  DegradedMining: "hashing",
  PoweringOn: "starting",
  PoweringOff: "stopped",
  Stopped: "stopped",
  NoPools: "stopped",
  Error: "stopped",
};

function activityOf(raw: unknown): Activity | undefined {
  return lookUp(ACTIVITIES, toText(raw));
}

function heatOf({ mining, telemetry }: Answers, boards: readonly Board[]) {
  return presentOrNone({
    // The mean of the chips is told, and not taken: the guard must not mistake it for the hottest one.
    board: hottest(boards.map((board) => board.boardTemperature)),
    inlet: hottest(boards.map((board) => board.inletTemperature)),
    outlet: hottest(boards.map((board) => board.outletTemperature)),
    psu: hottest(
      (telemetry?.value.psus ?? []).map((psu) =>
        temperatureReading(psu.temperature?.hotspot, telemetry ?? mining),
      ),
    ),
  });
}

/** The supplies measure their input; where one does not answer, the rig's own sum is of unknown origin. */
function powerOf({ telemetry, mining }: Answers): PowerReading | undefined {
  if (telemetry !== undefined) {
    const inputs = telemetry.value.psus.map((psu) => toNumber(psu.power?.input));
    const known = inputs.filter((input) => input !== undefined);
    const sum = known.reduce((total, input) => total + input, 0);
    if (known.length > 0 && known.length === inputs.length) {
      const reading = reader(telemetry.source, telemetry.at)(watts, sum);
      if (reading !== undefined) return measuredBy("psu", reading);
    }
  }
  const reading = reader(mining.source, mining.at)(watts, mining.value.power_usage_watts);
  return measuredBy("unknown", reading);
}

function fansOf(cooling: Held<Cooling> | undefined): Fan[] {
  if (cooling === undefined) return [];
  const read = reader(cooling.source, cooling.at);
  return cooling.value.fans.map((fan, position) => ({
    index: toNumber(fan.slot) ?? position,
    ...present({ speed: read(rpm, fan.rpm), duty: read(percent, fan.speed_percentage) }),
  }));
}

function poolsOf(pools: RigPools | undefined): Pool[] {
  return (pools ?? []).flatMap((pool, position) => {
    const url = toText(pool.url);
    if (url === undefined) return [];
    const status = toText(pool.status);
    return {
      index: toNumber(pool.id) ?? position,
      url,
      user: toText(pool.user) ?? "",
      status: poolStatus(status, toBoolean(pool.enabled)),
      ...present({
        active: status === undefined ? undefined : status === "Active",
        priority: toNumber(pool.priority),
        accepted: toNumber(pool.accepted),
        rejected: toNumber(pool.rejected),
        difficulty: toNumber(pool.difficulty),
      }),
    };
  });
}

function poolStatus(status: string | undefined, enabled: boolean | undefined): Pool["status"] {
  if (enabled === false) return "disabled";
  if (status === undefined) return "unknown";
  return status === "Dead" ? "dead" : "alive";
}

function faultsOf(errors: RigErrors): MachineFault[] {
  return errors.map((error) => {
    const source = toText(error.source);
    const slot = toNumber(error.slot);
    const component = [source, slot].filter((part) => part !== undefined).join(" ");
    return {
      code: wordOf(error.error_code) ?? wordOf(error.code) ?? "unknown",
      text: toText(error.message) ?? "",
      ...present({ component: component === "" ? undefined : component }),
    };
  });
}

const wordOf = (raw: unknown): string | undefined => toText(raw) ?? toNumber(raw)?.toString();
