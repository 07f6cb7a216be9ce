// Rates, shares and boards as a simulated LUXminer tells them.

import type { Report, ReportName } from "../../drivers/luxos/wire.ts";
import type { LuxosMiner } from "./luxos-miner.ts";
import type { Plant } from "./plant.ts";
import type { RateMeter } from "./rate-meter.ts";

export const BUILD = "2025.4.8.220305";
export const SHARE_DIFFICULTY = 32_768;
/** Hashes to a share of difficulty 1. */
const DIFFICULTY_1 = 2 ** 32;
const REJECTED_SHARE = 0.001;
const CONNECTORS = ["J7", "J9", "J8"] as const;

export interface SimulatedPool {
  url: string;
  user: string;
  password: string;
}

/** What the reports need to know. */
export interface ReportedMachine {
  readonly plant: Plant;
  readonly miner: LuxosMiner;
  readonly now: number;
  readonly serial: string;
  readonly mac: string;
  readonly led: string;
  readonly pools: readonly SimulatedPool[];
  readonly activePool: number;
  /** -1 is automatic. */
  readonly fanSpeed: number;
  readonly psuMeasured: boolean;
}

export type Body<Name extends ReportName> = Omit<Report<Name>, "STATUS" | "id">;

const round = (value: number, digits: number): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;

const ghs = (rate: number): number => round(rate / 1e9, 2);

function sharesOf(hashes: number): { accepted: number; rejected: number } {
  const found = Math.floor(hashes / (DIFFICULTY_1 * SHARE_DIFFICULTY));
  const rejected = Math.floor(found * REJECTED_SHARE);
  return { accepted: found - rejected, rejected };
}

export function totalShares({ plant, miner }: ReportedMachine) {
  const hashes = plant.truth.boards.reduce((sum, _board, index) => sum + miner.hashes(index), 0);
  return sharesOf(hashes);
}

export function summaryBody(machine: ReportedMachine): Body<"summary"> {
  const { miner, plant } = machine;
  const { total } = miner;
  const { accepted, rejected } = totalShares(machine);
  const errors = plant.truth.boards.reduce((sum, _board, index) => sum + miner.errors(index), 0);
  return {
    SUMMARY: [
      {
        Accepted: accepted,
        "Difficulty Accepted": accepted * SHARE_DIFFICULTY,
        "Difficulty Rejected": rejected * SHARE_DIFFICULTY,
        "Difficulty Stale": 0,
        Elapsed: miner.elapsed,
        "GHS 15m": ghs(total.rate(900e3)),
        "GHS 1m": ghs(total.rate(60e3)),
        "GHS 24h": ghs(total.rate(86_400e3)),
        "GHS 30m": ghs(total.rate(1800e3)),
        "GHS 5m": ghs(total.rate(300e3)),
        // What nothing adds to decays for ever; the firmware prints 0.
        "GHS 5s": miner.hashing ? ghs(total.rate(5e3)) : 0,
        "GHS av": ghs(total.average()),
        "Hardware Errors": errors,
        Rejected: rejected,
        Stale: 0,
      },
    ],
  };
}

export function statsBody({ plant, miner }: ReportedMachine): Body<"stats"> {
  const truth = plant.truth.boards;
  const chains = truth.flatMap((board, index) => [
    [`chain_acn${index + 1}`, board.chips],
    [`chain_hw${index + 1}`, miner.errors(index)],
    [`chain_rate${index + 1}`, ghs(rateOf(miner, index).average()).toFixed(2)],
    [`freq${index + 1}`, miner.hashing ? round(miner.frequency(index), 1) : 0],
  ]);
  return {
    STATS: [
      { CompileTime: "Tue Apr  8 22:05:35 UTC 2025", Miner: BUILD, Type: "Antminer S19k Pro" },
      {
        Elapsed: miner.elapsed,
        ID: "BTM_SOC0",
        Mode: 2,
        ...Object.fromEntries(chains),
        chain_acn4: 0,
        freq4: 0,
        fan_num: 4,
        frequency: miner.hashing ? Math.round(miner.frequency(0)) : 0,
        miner_count: truth.length,
        rate_unit: "GH",
      },
    ],
  };
}

function rateOf(miner: LuxosMiner, board: number): RateMeter {
  const meter = miner.boards[board];
  if (meter === undefined) throw new RangeError(`board: ${board} has no meter`);
  return meter;
}

export function devsBody(machine: ReportedMachine): Body<"devs"> {
  const boards = machine.plant.truth.boards.map((_board, index) => devBody(machine, index));
  // The capture has them in this order: clients must not count on any.
  const [first, second, ...rest] = boards;
  return { DEVS: [...rest, first, second].filter((board) => board !== undefined) };
}

function devBody(machine: ReportedMachine, index: number) {
  const { plant, miner } = machine;
  const meter = rateOf(miner, index);
  const mhs = (rate: number) => rate / 1e6;
  const { accepted, rejected } = sharesOf(miner.hashes(index));
  const ideal = plant.truth.boards[index]?.ideal ?? 0;
  return {
    ASC: index,
    Accepted: accepted,
    Board: "BHB56903",
    Connector: CONNECTORS[index] ?? `J${index}`,
    "Device Elapsed": miner.elapsed,
    Enabled: "Y",
    "Hardware Errors": miner.errors(index),
    ID: index,
    IsRamping: miner.isRamping(index),
    IsUserShutdown: false,
    "Last Share Difficulty": SHARE_DIFFICULTY,
    "Last Share Time":
      accepted === 0 ? 0 : Math.floor(machine.now / 1000) - (miner.hashing ? 1 : 60),
    "MHS 15m": mhs(meter.rate(900e3)),
    "MHS 1m": mhs(meter.rate(60e3)),
    "MHS 5m": mhs(meter.rate(300e3)),
    "MHS 5s": miner.hashing ? mhs(meter.rate(5e3)) : 0,
    "MHS av": mhs(meter.average()),
    "Nominal MHS": miner.hashing ? round(mhs(ideal), 1) : 0,
    Profile: miner.profile.name,
    Rejected: rejected,
    SerialNumber: `${machine.serial}B${index}`,
    Status: "Alive",
    Temperature: exhaust(machine, index),
  };
}

export function exhaust({ plant }: ReportedMachine, board: number): number {
  return Math.round(plant.truth.boards[board]?.boardTemperature ?? 0);
}
