// One reading for people: what was read with its unit, and "-" for what was not.

import { ALGORITHMS, formatEfficiency, formatRate } from "../../drivers/contract/algorithm.ts";
import type { Controls } from "../../drivers/contract/controls.ts";
import { describeOffsets } from "../../drivers/contract/offsets.ts";
import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import { efficiency, type HashesPerSecond } from "../../drivers/contract/units.ts";
import { table } from "./table.ts";

const NOT_READ = "-";
export const UNKNOWN_MODEL =
  "unknown model: it is read, and no writes are offered; `nockd capture TARGET --out DIR` keeps its answers for support";

export function readingTable(telemetry: Telemetry): string {
  const parts = [
    table(summaryRows(telemetry)),
    telemetry.identity.modelKnown ? "" : UNKNOWN_MODEL,
    section("boards", boardRows(telemetry)),
    section("fans", fanRows(telemetry)),
    section("pools", poolRows(telemetry)),
    section("set to", setpointRows(telemetry)),
    section("can be set", controlRows(telemetry)),
    section(
      "faults of the machine",
      telemetry.faults.map((fault) => [fault.code, fault.text]),
    ),
    section(
      "parts that could not be read",
      telemetry.problems.map((problem) => [problem.source, problem.code, problem.message]),
    ),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : `${title}\n${table(rows.map((row) => ["", ...row]))}`;
}

function summaryRows(telemetry: Telemetry): string[][] {
  const { identity, hashrate, power, temperature } = telemetry;
  const rate = hashrate?.recent ?? hashrate?.now ?? hashrate?.average;
  const joules =
    power === undefined || rate === undefined ? undefined : efficiency(power.value, rate.value);
  const algorithm = telemetry.algorithm;
  return [
    ["machine", words(identity.vendor, identity.model, identity.serial, identity.mac)],
    ["firmware", words(identity.firmware, identity.firmwareVersion, identity.controlBoard)],
    ["algorithm", algorithm === undefined ? NOT_READ : ALGORITHMS[algorithm].name],
    ["activity", telemetry.activity?.value ?? NOT_READ],
    [
      "hashrate",
      words(
        rateWords(telemetry, hashrate?.now),
        labelled("average", rateWords(telemetry, hashrate?.average)),
      ),
    ],
    ["expected", rateWords(telemetry, hashrate?.ideal ?? hashrate?.nameplate)],
    ["power", power === undefined ? NOT_READ : `${power.value.toFixed(0)} W (${power.basis})`],
    [
      "efficiency",
      joules === undefined || algorithm === undefined
        ? NOT_READ
        : formatEfficiency(joules, algorithm),
    ],
    [
      "temperature",
      words(
        labelled("chip", degrees(temperature?.chip)),
        labelled("board", degrees(temperature?.board)),
        labelled("inlet", degrees(temperature?.inlet)),
        labelled("outlet", degrees(temperature?.outlet)),
      ),
    ],
    [
      "uptime",
      telemetry.uptime === undefined ? NOT_READ : `${(telemetry.uptime.value / 1000).toFixed(0)} s`,
    ],
    [
      "shares",
      words(
        counted("accepted", telemetry.shares?.accepted),
        counted("rejected", telemetry.shares?.rejected),
      ),
    ],
  ];
}

function boardRows(telemetry: Telemetry): string[][] {
  if (telemetry.boards.length === 0) return [];
  const rows = telemetry.boards.map((board) => [
    String(board.index),
    rateWords(telemetry, board.hashrate),
    board.chips === undefined
      ? NOT_READ
      : `${board.chips.value}${board.chipsExpected === undefined ? "" : `/${board.chipsExpected}`}`,
    degrees(board.chipTemperature),
    degrees(board.boardTemperature),
    board.frequency === undefined ? NOT_READ : `${board.frequency.value.toFixed(0)} MHz`,
    board.voltage === undefined ? NOT_READ : `${(board.voltage.value / 1000).toFixed(2)} V`,
    board.serial ?? NOT_READ,
  ]);
  return [
    ["board", "hashrate", "chips", "chip", "sensor", "frequency", "voltage", "serial"],
    ...rows,
  ];
}

function fanRows(telemetry: Telemetry): string[][] {
  return telemetry.fans.map((fan) => [
    String(fan.index),
    fan.speed === undefined ? NOT_READ : `${fan.speed.value.toFixed(0)} rpm`,
    fan.duty === undefined ? "" : `${fan.duty.value.toFixed(0)} %`,
  ]);
}

function poolRows(telemetry: Telemetry): string[][] {
  return telemetry.pools
    .filter((pool) => pool.url !== "")
    .map((pool) => [
      String(pool.index),
      pool.url,
      pool.user,
      pool.status,
      pool.active === true ? "active" : "",
    ]);
}

function setpointRows(telemetry: Telemetry): string[][] {
  return Object.entries(telemetry.setpoint)
    .filter(([knob]) => knob !== "pools")
    .map(([knob, reading]) => [knob, settingWords(reading.value), `from ${reading.source}`]);
}

const settingWords = (value: unknown): string =>
  Array.isArray(value) ? describeOffsets(value) : String(value);

function controlRows(telemetry: Telemetry): string[][] {
  const { controls } = telemetry;
  return (Object.keys(controls) as (keyof Controls)[]).map((knob) => {
    const control = controls[knob];
    const restarts = control?.effect.restarts === true ? "restarts mining" : "";
    return [knob, control === undefined ? "" : envelopeWords(control), restarts];
  });
}

function envelopeWords(control: NonNullable<Controls[keyof Controls]>): string {
  if ("min" in control) return `${control.min} to ${control.max}`;
  if ("choices" in control) return control.choices.map((choice) => choice.name).join(", ");
  return "";
}

function rateWords(telemetry: Telemetry, reading: Reading<HashesPerSecond> | undefined): string {
  if (reading === undefined || telemetry.algorithm === undefined) return NOT_READ;
  return `${formatRate(reading.value, telemetry.algorithm)}${doubt(reading)}`;
}

const degrees = (reading: Reading<number> | undefined): string =>
  reading === undefined ? NOT_READ : `${reading.value.toFixed(0)} °C${doubt(reading)}`;

const doubt = (reading: Reading<number>): string =>
  reading.quality === "ok" ? "" : ` (${reading.quality})`;

const counted = (label: string, reading: Reading<number> | undefined): string | undefined =>
  reading === undefined ? undefined : `${reading.value} ${label}`;

const labelled = (label: string, text: string): string | undefined =>
  text === NOT_READ ? undefined : `${label} ${text}`;

function words(...parts: (string | undefined)[]): string {
  const present = parts.filter((part) => part !== undefined && part !== NOT_READ);
  return present.length === 0 ? NOT_READ : present.join(", ");
}
