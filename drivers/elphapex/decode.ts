// From the pages to Telemetry. Pure.

import {
  hottest,
  lookUp,
  present,
  presentOrNone,
  reader,
  readingOf,
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
  PowerReading,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, megahertz, milliseconds, rpm, watts } from "../contract/units.ts";
import { type ElphapexModel, findElphapex } from "../hardware/elphapex.ts";
import type { Held } from "../transport/answer.ts";
import { type CgminerPool, cgminerPools } from "../transport/cgminer.ts";
import { controlsOf, setpointOf } from "./controls.ts";
import type { BlinkStatus, Chain, Conf, Power, Stats, Summary, SystemInfo } from "./wire.ts";

export interface Answers {
  readonly stats: Held<Stats>;
  readonly summary: Held<Summary> | undefined;
  readonly pools: Held<readonly CgminerPool[]> | undefined;
  readonly power: Held<Power> | undefined;
  readonly conf: Held<Conf> | undefined;
  readonly system: Held<SystemInfo> | undefined;
  readonly blink: Held<BlinkStatus> | undefined;
}

export const FIRMWARE = "Elphapex stock";
const SECOND = 1000;
const ASLEEP = 1;

export function decode(answers: Answers, at: EpochMs): Omit<Telemetry, "problems"> {
  const { stats } = answers;
  const [row] = stats.value.STATS;
  const identity = decodeIdentity(answers);
  const scale = scaleOf(row.rate_unit);
  const boards = row.chain.map((chain, position) =>
    boardOf(chain, position, { stats, scale, model: findElphapex(identity.model ?? "") }),
  );
  const rate = (raw: unknown, window: number) => rateReading(raw, { scale, window }, stats);
  return {
    at,
    identity,
    algorithm: "scrypt",
    boards,
    fans: row.fan.map((speed, index): Fan => {
      const reading = reader(stats.source, stats.at)(rpm, speed);
      return { index, ...present({ speed: reading }) };
    }),
    pools: cgminerPools(answers.pools?.value ?? []),
    setpoint: setpointOf(answers.blink),
    controls: controlsOf(identity.modelKnown, answers.blink),
    faults: faultsOf(answers.summary?.value),
    ...present({
      activity: readingOf(activityOf(answers), stats.source, stats.at),
      hashrate: presentOrNone({
        now: rate(row.rate_5s, 5 * SECOND),
        recent: rate(row.rate_15m, 900 * SECOND),
        average: rate(row.rate_avg, scaled(row.elapsed, SECOND) ?? 0),
        ideal: rate(row.rate_ideal, 0),
      }),
      power: powerOf(answers.power),
      temperature: presentOrNone({
        chip: hottest(boards.map((board) => board.chipTemperature)),
        board: hottest(boards.map((board) => board.boardTemperature)),
      }),
      uptime: reader(stats.source, stats.at)(milliseconds, scaled(row.elapsed, SECOND)),
    }),
  };
}

export function decodeIdentity({ stats, system }: Pick<Answers, "stats" | "system">): Identity {
  const info = stats.value.INFO;
  const model = toText(system?.value.minertype) ?? toText(info?.type);
  const version = toText(system?.value.system_filesystem_version) ?? toText(info?.miner_version);
  return {
    vendor: "Elphapex",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findElphapex(model) !== undefined,
    ...present({
      // DG-Home1_V1.0.5, DG1+_SW_V1.0.2: the name in front says nothing of the version.
      firmwareVersion: version?.replace(/^.*_V(?=\d)/i, ""),
      apiVersion: toText(stats.value.STATUS?.api_version),
      model,
      serial: toText(info?.dev_sn),
      mac: toMac(system?.value.macaddr),
      hostname: toText(system?.value.hostname),
      controlBoard: toText(info?.hw_version),
    }),
  };
}

interface Place {
  readonly stats: Held<Stats>;
  readonly scale: number;
  readonly model: ElphapexModel | undefined;
}

/** Slots without a board repeat the sensors of the one that is there, with no chips and no serial number. */
function boardOf(chain: Chain, position: number, { stats, scale, model }: Place): Board {
  const read = reader(stats.source, stats.at);
  const chips = toNumber(chain.asic_num);
  const index = toNumber(chain.index) ?? position;
  const rate = (raw: unknown, window: number) => rateReading(raw, { scale, window }, stats);
  const counted = present({
    chips: read((value) => value, chips),
    hashrate: rate(chain.rate_real, 5 * SECOND),
    ideal: rate(chain.rate_ideal, 0),
  });
  if (chips === 0) return { index, ...counted };
  return {
    index,
    ...counted,
    ...present({
      serial: toText(chain.sn),
      chipsExpected: model?.chipsPerBoard,
      // In kHz.
      frequency: read(megahertz, positive(scaled(chain.freq_avg, 1 / 1000))),
      boardTemperature: boardHeat(chain.temp_pcb, stats),
      // In thousandths; "" where there is no sensor.
      chipTemperature: hottest(
        chain.temp_chip.map((raw) => temperatureReading(scaled(raw, 1 / 1000), stats)),
      ),
    }),
  };
}

/**
 * A DG1+ at full rate and two cold DG-Home1 of other owners gave these four numbers for every board: they
 * are written into the firmware, not measured.
 */
const WRITTEN_IN = "47,46,67,66";

function boardHeat(sensors: readonly unknown[], stats: Held<Stats>): Board["boardTemperature"] {
  const readings = sensors.map((raw) => temperatureReading(raw, stats));
  const heat = hottest(readings);
  return heat !== undefined && sensors.map(toNumber).join() === WRITTEN_IN
    ? { ...heat, quality: "implausible" }
    : heat;
}

const SCALES: Readonly<Record<string, number>> = {
  "H/s": 1,
  "KH/s": 1e3,
  "MH/s": 1e6,
  "GH/s": 1e9,
};

/** Every recording says MH/s. */
const scaleOf = (unit: unknown): number => lookUp(SCALES, toText(unit)) ?? 1e6;

/** Whose watts these are is not told; a machine that hashed nothing said 25. */
function powerOf(power: Held<Power> | undefined): PowerReading | undefined {
  if (power === undefined) return undefined;
  const reading = reader(power.source, power.at)(watts, power.value.power_output);
  return measuredBy("unknown", reading);
}

function activityOf({ stats, conf }: Answers): Activity | undefined {
  if (toNumber(conf?.value["fc-work-mode"]) === ASLEEP) return "sleeping";
  const rate = toNumber(stats.value.STATS[0].rate_5s);
  if (rate === undefined) return undefined;
  return rate > 0 ? "hashing" : "starting";
}

/** No word at all is what a machine says that has not started yet. */
function faultsOf(summary: Summary | undefined): MachineFault[] {
  return (summary?.status ?? []).flatMap((entry) => {
    const status = toText(entry.status);
    if (status === undefined || status.toLowerCase() === "s") return [];
    const component = toText(entry.type);
    return {
      code: `${component ?? "status"} ${toNumber(entry.code) ?? status}`,
      text: toText(entry.msg) ?? "",
      ...present({ component }),
    };
  });
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
