// The bracketed text of a simulated Avalon Q, in the order of the capture of firmware 25052801.

import type { Module } from "../../drivers/avalon/wire.ts";
import { type AvalonFirmware, STATES } from "./avalon-firmware.ts";
import { Q_MODES } from "./avalon-plant.ts";

export const q = {
  CGMiner: "4.11.1",
  API: "3.7",
  PROD: "Avalon Q",
  MODEL: "Q",
  HWTYPE: "Q_MM1v1_X1",
  SWTYPE: "MM319",
  LVERSION: "25052801_14a19a2",
  BVERSION: "25052801_14a19a2",
  CGVERSION: "25052801_14a19a2",
  DNA: "0123456789abcdef",
  MAC: "020000000051",
  UPAPI: "2",
};

/** Of its four steps; their mean is the clock. */
const STEPS = [-25, -7, 14, 18];

/** `full` adds the lists of the chips, which `litestats` leaves out. */
export function statisticsOf(firmware: AvalonFirmware, full: boolean): Record<string, string> {
  const summary = { "MM ID0:Summary": `'STATS':{${summaryOf(firmware)}}` };
  return full ? { ...summary, HBinfo: `'HB0':{${chipsOf(firmware)}}` } : summary;
}

function summaryOf(firmware: AvalonFirmware): string {
  const { plant, meter, mode, state } = firmware;
  const { truth } = plant;
  const [board] = truth.boards;
  if (board === undefined) throw new Error("a Q has one board");
  const asleep = !truth.hashing;
  const step = (value: number) => Math.round(board.frequency + value);
  const gigahashes = (rate: number) => (rate / 1e9).toFixed(2);
  const errors = `${(board.errorRate * 100).toFixed(3)}%`;
  const fields = {
    Ver: `Q-${q.LVERSION}`,
    LVer: q.LVERSION,
    CPU: "K230",
    DNA: q.DNA,
    STATE: String(state),
    NETFAIL: "0 0 0 0 0 0 0 0",
    SYSTEMSTATU: `Work: In ${STATES[state] ?? ""}, Hash Board: 1`,
    Elapsed: String(Math.floor(Math.max(0, truth.at - firmware.bootedAt) / 1000)),
    BOOTBY: "0x01.00000000",
    MH: String(plant.errors(0)),
    HW: String(plant.errors(0)),
    DH: errors,
    ITemp: truth.inlet.toFixed(0),
    HBITemp: (truth.inlet + 1).toFixed(0),
    HBOTemp: board.boardTemperature.toFixed(0),
    // Chips are not read while their rail is off.
    TMax: asleep ? "0" : board.chipTemperature.toFixed(0),
    TAvg: asleep ? "0" : board.meanChipTemperature.toFixed(0),
    TarT: String(firmware.target),
    ...Object.fromEntries(truth.fans.map((fan, index) => [`Fan${index + 1}`, fan.rpm.toFixed(0)])),
    FanR: `${(truth.fans[0]?.duty ?? 0).toFixed(0)}%`,
    SoftOffTime: String(firmware.softOffTime),
    SoftOnTime: String(firmware.softOnTime),
    FanErr: "0",
    PS: supplyOf(firmware),
    PCOMM_E: "0",
    GHSspd: gigahashes(board.hashrate),
    DHspd: errors,
    GHSmm: gigahashes(board.ideal),
    GHSavg: gigahashes(meter.average()),
    Freq: board.frequency.toFixed(2),
    MGHS: gigahashes(meter.average()),
    TA: String(board.chips),
    Core: "A3197S",
    PING: "17",
    SoftOFF: String(firmware.softOff),
    ECHU: "0",
    ECMM: "0",
    PLL0: "6000 6000 6000 6000",
    SF0: STEPS.map(step).join(" "),
    CRC: "0",
    WORKMODE: String(mode),
    WORKLEVEL: "0",
    MPO: String(Q_MODES[mode]?.power ?? 0),
    CALIALL: "7",
    ADJ: String(firmware.adjusted),
    "Nonce Mask": "25",
  } satisfies Module;
  return Object.entries(fields)
    .map(([key, value]) => `${key}[${value}]`)
    .join(" ");
}

/** With the rail off the meter of the real one stays at 146 W, whatever is drawn. */
function supplyOf({ plant, mode }: AvalonFirmware): string {
  const { truth } = plant;
  const rail = (Q_MODES[mode]?.voltage ?? 0) / 10;
  if (!truth.hashing) return `0 1222 4 0 0 ${rail} 146`;
  const amperes = (truth.psuOutput / rail) * 100;
  return [
    ...[0, 1222, rail, amperes, truth.psuOutput, rail, truth.wallPower].map((value) =>
      Math.round(value),
    ),
  ].join(" ");
}

function chipsOf({ plant }: AvalonFirmware): string {
  const [board] = plant.truth.boards;
  if (board === undefined) return "";
  const ratios = plant.chipRatios(0);
  const spread = board.chipTemperature - board.meanChipTemperature;
  const volts = (plant.spec.stock.voltage / plant.spec.domains).toFixed(0);
  const off = !plant.truth.hashing;
  const heat = ratios.map((_, chip) =>
    off ? "0" : (board.meanChipTemperature + spread * Math.cos(chip / 8)).toFixed(0),
  );
  return [
    `PVT_T0[ ${heat.join("  ")}]`,
    `PVT_V0[ ${ratios.map(() => (off ? "0" : volts)).join("  ")}]`,
    `MW0[${ratios.map((ratio) => Math.round(650 * ratio)).join(" ")}]`,
  ].join(" ");
}
