// What the program of a stock S19 tells on 4028.

import type * as z from "zod";
import type { StatsRow, SummaryReply, VersionReply } from "../../drivers/antminer/wire.ts";
import type { PoolEntry } from "../../drivers/antminer/wire-config.ts";
import type { PoolsReply } from "../../drivers/antminer/wire-pools.ts";
import { type AntminerProgram, SHARE_DIFFICULTY } from "./antminer-program.ts";

export const COMPILED = "Fri Nov 17 17:37:21 CST 2023";
export const TYPE = "Antminer S19";
export const MINER = "49.0.1.3";
export const NAMEPLATE_GH = 95_000;
const GIGA = 1e9;

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
export const gigahashes = (rate: number): number => round(rate / GIGA);

export interface Facts {
  readonly program: AntminerProgram;
  readonly pools: readonly PoolEntry[];
}

const status = (facts: Facts, code: number, message: string, letter = "S") => [
  {
    STATUS: letter,
    When: Math.floor(facts.program.now / 1000),
    Code: code,
    Msg: message,
    Description: "cgminer 1.0.0",
  },
];

/** The five commands that the configuration opens to the network; 45 for all others. */
export function answerCommand(facts: Facts, request: string): string {
  const command = commandOf(request);
  if (command === undefined)
    return JSON.stringify({ STATUS: status(facts, 23, "Invalid JSON", "E"), id: 1 });
  switch (command) {
    case "version":
      return JSON.stringify(version(facts));
    case "stats":
      return stats(facts);
    case "summary":
      return JSON.stringify(summary(facts));
    case "pools":
      return JSON.stringify(pools(facts));
    case "devs":
      return JSON.stringify({
        STATUS: status(facts, 9, "1 ASC(s)"),
        DEVS: [{ ASC: 0, Name: "SM" }],
        id: 1,
      });
    default: {
      const message = `Access denied to '${command.slice(0, 15)}' command`;
      return JSON.stringify({ STATUS: status(facts, 45, message, "E"), id: 1 });
    }
  }
}

function commandOf(request: string): string | undefined {
  try {
    const value: unknown = JSON.parse(request.replace(/[\0\n]+$/, ""));
    if (typeof value !== "object" || value === null || !("command" in value)) return undefined;
    return typeof value.command === "string" ? value.command : undefined;
  } catch {
    return undefined;
  }
}

function version(facts: Facts): z.output<typeof VersionReply> {
  return {
    STATUS: status(facts, 22, "CGMiner versions"),
    VERSION: [{ BMMiner: "1.0.0", API: "3.1", Miner: MINER, CompileTime: COMPILED, Type: TYPE }],
    id: 1,
  };
}

/** Asleep all rates are 0, also those that decay. */
export function rateOf({ program }: Facts, window: number): number {
  return program.plant.truth.hashing ? gigahashes(program.total.rate(window)) : 0;
}

export function averageOf({ program }: Facts): number {
  return program.asleep ? 0 : gigahashes(program.total.average());
}

function errorsOf({ program }: Facts): number {
  return program.boards.reduce((sum, _, board) => sum + program.errors(board), 0);
}

function summary(facts: Facts): z.output<typeof SummaryReply> {
  const { program } = facts;
  const accepted = program.shares;
  const row = {
    Elapsed: program.elapsed,
    "GHS 5s": rateOf(facts, 5000),
    "GHS av": averageOf(facts),
    "GHS 30m": rateOf(facts, 1_800_000),
    "Found Blocks": 0,
    Getworks: 25_000,
    Accepted: accepted,
    Rejected: 0,
    "Hardware Errors": errorsOf(facts),
    Stale: 0,
    "Difficulty Accepted": accepted * SHARE_DIFFICULTY,
    "Difficulty Rejected": 0,
    "Difficulty Stale": 0,
  };
  return { STATUS: status(facts, 11, "Summary"), SUMMARY: [row], id: 1 };
}

/** Element 0 names the machine; a comma is missing between the elements on many builds, not on this. */
function stats(facts: Facts): string {
  const { program } = facts;
  const { fans, boards } = program.plant.truth;
  const row: StatsRow = {
    STATS: 0,
    ID: "BTM_SOC0",
    Elapsed: program.elapsed,
    "GHS 5s": rateOf(facts, 5000),
    "GHS av": averageOf(facts),
    rate_30m: rateOf(facts, 1_800_000),
    // Not the work mode: 2 awake and asleep.
    Mode: 2,
    miner_count: boards.length,
    fan_num: fans.length,
    ...slots(
      "fan",
      fans.map((fan) => Math.round(fan.rpm / 30) * 30),
    ),
    temp_num: boards.length,
    ...boardSlots(facts),
    total_rateideal: NAMEPLATE_GH,
    rate_unit: "GH",
    total_acn: boards.reduce((sum, board) => sum + board.chips, 0),
    "total rate": rateOf(facts, 5000),
    miner_version: MINER,
  };
  const identity = { BMMiner: "1.0.0", Miner: MINER, CompileTime: COMPILED, Type: TYPE };
  return JSON.stringify({
    STATUS: status(facts, 70, "CGMiner stats"),
    STATS: [identity, row],
    id: 1,
  });
}

const slots = (name: string, values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, index) => [`${name}${index + 1}`, value]));

/** Slot 4 is there and empty. */
function boardSlots({ program }: Facts): Record<string, unknown> {
  const { boards } = program.plant.truth;
  const heat = boardHeat(program);
  return {
    ...slots("temp", [...heat.map((board) => board.pcb), 0]),
    ...slots("temp2_", [...heat.map((board) => board.chip), 0]),
    ...slots("temp_pcb", [...heat.map((board) => spread(board.pcb).join("-")), "0-0-0-0"]),
    ...slots("temp_chip", [...heat.map((board) => spread(board.chip).join("-")), "0-0-0-0"]),
    ...slots("temp_pic", [...heat.map((board) => spread(board.pcb - 10).join("-")), "0-0-0-0"]),
    ...slots("freq_avg", [...boards.map((board) => round(board.frequency)), 0]),
    ...slots("chain_acn", [...boards.map((board) => board.chips), 0]),
    ...slots("chain_acs", [...boards.map((board) => lamps(board.chips, program.asleep)), ""]),
    ...slots("chain_hw", [...boards.map((_, board) => program.errors(board)), 0]),
    ...slots("chain_rate", [
      ...boards.map((_, board) => gigahashes(program.rate(board)).toFixed(2)),
      "",
    ]),
    ...slots("chain_rateideal", [...boards.map((board) => gigahashes(board.ideal).toFixed(2)), ""]),
  };
}

const lamps = (chips: number, asleep: boolean): string => ` ${(asleep ? "x" : "o").repeat(chips)}`;

/** Whole degrees. The inlet side of a board is cooler than its outlet side. */
export const spread = (hottest: number): number[] => [hottest - 8, hottest - 8, hottest, hottest];

export function boardHeat(
  program: AntminerProgram,
): { readonly pcb: number; readonly chip: number }[] {
  return program.plant.truth.boards.map((board) => ({
    pcb: Math.round(board.boardTemperature),
    chip: Math.round(board.chipTemperature),
  }));
}

function pools(facts: Facts): z.output<typeof PoolsReply> {
  const accepted = facts.program.shares;
  return {
    STATUS: status(facts, 7, `${facts.pools.length} Pool(s)`),
    POOLS: facts.pools.map(({ url, user }, index) => {
      const used = url !== "" && facts.pools.findIndex((pool) => pool.url !== "") === index;
      return {
        POOL: index,
        URL: url,
        Status: url === "" ? "Deed" : "Alive",
        Priority: index,
        Accepted: used ? accepted : 0,
        Rejected: 0,
        Stale: 0,
        User: user,
        "Last Share Time": used && accepted > 0 ? "0:00:05" : "0",
        Diff: used ? "131K" : "",
        "Stratum Active": used,
      };
    }),
    id: 1,
  };
}
