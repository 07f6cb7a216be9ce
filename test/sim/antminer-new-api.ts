// What the program of a stock S19 tells the web pages: the new_api shapes.

import type { ChainStatsReply, LampsReply } from "../../drivers/antminer/wire.ts";
import {
  averageOf,
  boardHeat,
  COMPILED,
  type Facts,
  gigahashes,
  MINER,
  NAMEPLATE_GH,
  rateOf,
  round,
  spread,
  TYPE,
} from "./antminer-replies.ts";

const INFO = { miner_version: MINER, CompileTime: COMPILED, type: TYPE };
const envelope = (facts: Facts, message: string) => ({
  STATUS: {
    STATUS: "S",
    when: Math.floor(facts.program.now / 1000),
    Msg: message,
    api_version: "1.0.0",
  },
  INFO,
});

/** stats.cgi */
export function chainStats(facts: Facts): ChainStatsReply {
  const { program } = facts;
  const { boards, fans } = program.plant.truth;
  const heat = boardHeat(program);
  const row = {
    elapsed: program.elapsed,
    rate_5s: rateOf(facts, 5000),
    rate_30m: rateOf(facts, 1_800_000),
    rate_avg: averageOf(facts),
    rate_ideal: NAMEPLATE_GH,
    rate_unit: "GH/s",
    chain_num: boards.length,
    fan_num: fans.length,
    fan: fans.map((fan) => Math.round(fan.rpm / 30) * 30),
    chain: boards.map((board, index) => ({
      index,
      freq_avg: round(board.frequency),
      rate_ideal: gigahashes(board.ideal),
      rate_real: gigahashes(program.rate(index)),
      asic_num: board.chips,
      temp_pic: spread((heat[index]?.pcb ?? 0) - 10),
      temp_pcb: spread(heat[index]?.pcb ?? 0),
      temp_chip: spread(heat[index]?.chip ?? 0),
      hw: program.errors(index),
      sn: `SIMHASH0${index + 1}`,
    })),
  };
  return { ...envelope(facts, "stats"), STATS: [row] };
}

/** summary.cgi */
export function startPage(facts: Facts): LampsReply {
  const cold = !facts.program.asleep && facts.program.plant.truth.hashrate === 0;
  const lamp = (type: string, letter = "s") => ({ type, status: letter, code: 0, msg: "" });
  const row = {
    elapsed: facts.program.elapsed,
    rate_5s: rateOf(facts, 5000),
    rate_unit: "GH/s",
    status: [lamp("rate", cold ? "e" : "s"), lamp("network"), lamp("fans"), lamp("temp")],
  };
  return { ...envelope(facts, "summary"), SUMMARY: [row] };
}
