// What the pages of a T3H+ print, in the shapes that the driver reads. Keys as in the maker's own scripts.

import type {
  All,
  Dev,
  ErrorDetail,
  Overview,
  Pools,
  Stats,
  Summary,
  TuneStatus,
  TypeAnswer,
} from "../../drivers/innosilicon/wire.ts";
import type { InnosiliconProgram } from "./innosilicon-program.ts";

export interface StoredPool {
  readonly url: string;
  readonly user: string;
  readonly pass: string;
}

export interface Facts {
  readonly program: InnosiliconProgram;
  readonly pools: readonly StoredPool[];
  readonly profile: string;
  readonly errorCode: number;
}

/** undefined for what is no page of readings. */
export function answerPage(page: string, facts: Facts): unknown {
  switch (page) {
    case "summary":
      return facts.program.answers ? summary(facts) : { success: false };
    case "getAll":
      return all(facts);
    case "overview":
      return OVERVIEW;
    case "type":
      return { success: true, type: TYPE } satisfies TypeAnswer;
    case "getAutoTuneStatus":
      return tuneStatus(facts);
    case "pools":
      return { success: true, pools: facts.pools.map((pool) => ({ ...pool })) } satisfies Pools;
    case "getErrorDetail":
      return { success: true, code: String(facts.errorCode) } satisfies ErrorDetail;
    default:
      return undefined;
  }
}

/** A pool that lacks one of the three is dropped without a word. */
export function parsePools(form: URLSearchParams): readonly StoredPool[] {
  return [1, 2, 3].flatMap((place) => {
    const [url, user, pass] = ["Pool", "UserName", "Password"].map((name) =>
      form.get(`${name}${place}`),
    );
    return url && user && pass ? [{ url, user, pass }] : [];
  });
}

const MEGA = 1e6;
const TERA = 1e12;
const TYPE = "T3h+";
const DIFFICULTY = 131_072;

/** The longest average that the uptime fills, in MH/s: what the scripts make `Hash Rate` of. */
function shown({ program }: Facts, board: number): number {
  const window =
    program.elapsed < 300
      ? 5e3
      : program.elapsed < 900
        ? 60e3
        : program.elapsed < 3600
          ? 300e3
          : 900e3;
  return rate(program, board, window);
}

function rate(program: InnosiliconProgram, board: number, window: number): number {
  return round((program.boards[board]?.rate(window) ?? 0) / MEGA, 2);
}

function devs(facts: Facts): Dev[] {
  const { program } = facts;
  return program.plant.truth.boards.map((truth, board) => ({
    ASC: board,
    Name: "T3",
    ID: board,
    Enabled: "Y",
    Status: "Alive",
    Temperature: round(truth.boardTemperature, 1),
    "MHS av": round((program.boards[board]?.average() ?? 0) / MEGA, 2),
    "MHS 5s": rate(program, board, 5e3),
    "MHS 1m": rate(program, board, 60e3),
    "MHS 5m": rate(program, board, 300e3),
    "MHS 15m": rate(program, board, 900e3),
    Accepted: program.shares(board),
    Rejected: 0,
    "Hardware Errors": Math.floor(program.plant.errors(board)),
    "Device Elapsed": program.elapsed,
    "Hash Rate": round((shown(facts, board) * MEGA) / TERA, 3),
    Unit: "TH/s",
    "Hash Rate H": shown(facts, board) * MEGA,
  }));
}

export function summary(facts: Facts): Summary {
  const { program, pools } = facts;
  const total = program.boards.reduce((sum, _, board) => sum + shown(facts, board), 0);
  const shares = program.boards.reduce((sum, _, board) => sum + program.shares(board), 0);
  return {
    success: true,
    DEVS: devs(facts),
    POOLS: pools.map((pool, index) => ({
      POOL: index,
      URL: pool.url,
      Status: "Alive",
      Priority: index,
      User: pool.user,
      Accepted: index === 0 ? shares : 0,
      Rejected: 0,
      Stale: 0,
      "Stratum Active": index === 0,
      "Stratum Difficulty": DIFFICULTY,
      "Difficulty Accepted": index === 0 ? shares * DIFFICULTY : 0,
      "Last Share Time": 0,
    })),
    HARDWARE: { "Fan duty": duty(program) },
    tuning: program.tuning,
    hashrates: [],
    TotalHash: { "Hash Rate": round((total * MEGA) / TERA, 2), Unit: "TH/s" },
  };
}

export function all(facts: Facts): All {
  const { program } = facts;
  const { truth } = program.plant;
  const total = program.boards.reduce((sum, _, board) => sum + shown(facts, board), 0);
  return {
    success: true,
    all: {
      type: TYPE,
      mac: MAC,
      hwver: "g19",
      platform: PLATFORM,
      power: Math.round(truth.wallPower),
      fansSpeed: duty(program),
      running_mode: modeOf(facts.profile),
      total_hash: { "Hash Rate H": total * MEGA, "Hash Rate": total, Unit: "TH/s" },
      chain: truth.boards.map((board, index) => ({
        ASC: index,
        "Temp min": Math.round(board.meanChipTemperature - 4),
        "Temp max": Math.round(board.chipTemperature),
        "Average Temp": round(board.boardTemperature, 1),
        "Hash Rate H": shown(facts, index) * MEGA,
      })),
      // Passwords and all, as the scripts print them.
      pools: facts.pools.map(({ url, user, pass }) => ({ url, user, password: pass })),
    },
  };
}

const MAC = "a0: b0:45: 00:04:b2";
const PLATFORM = "t3h_20210615_091723";

export const OVERVIEW: Overview = {
  success: true,
  type: TYPE,
  hardware: { status: "OK", memUsed: 118_204, memTotal: 249_160 },
  network: { dhcp: "dhcp", ipaddress: "127.0.0.1", netmask: "255.0.0.0", gateway: "" },
  version: { hwver: "g19", ethaddr: MAC, build_date: "15th of June 2021", platform_v: PLATFORM },
};

export function tuneStatus({ program, profile }: Facts): TuneStatus {
  return {
    success: true,
    isRunning: program.answers,
    isTuning: program.tuning,
    ...modeOf(profile),
  };
}

function modeOf(profile: string) {
  const [mode, level] = profile.split(" ");
  return { mode, level };
}

export function stats({ program }: Facts): Stats & { readonly STATUS: unknown } {
  const { truth, spec } = program.plant;
  return {
    STATUS: [{ STATUS: "S", When: 0, Code: 70, Msg: "CGMiner stats", Description: PROGRAM_NAME }],
    STATS: [
      ...truth.boards.map((board, index) => ({
        STATS: index,
        ID: `T30${index}`,
        "Chain ID": index,
        "Num chips": spec.chipsPerBoard,
        "Num active chips": board.chips,
        "Fan duty": duty(program),
        Temp: round(board.boardTemperature, 1),
        "Temp max": Math.round(board.chipTemperature),
        PLL: Math.round(board.frequency),
        "Voltage Avg": round(board.voltage / spec.domains, 1),
      })),
      { STATS: truth.boards.length, ID: "POOL0", "Pool Calls": 0 },
    ],
  };
}

export const PROGRAM_NAME = "innominer t3h_20210615_091723";

export const VERSION = {
  STATUS: [{ STATUS: "S", When: 0, Code: 22, Msg: "CGMiner versions", Description: PROGRAM_NAME }],
  VERSION: [{ CGMiner: "4.10.0", API: "3.7" }],
  id: 1,
};

const duty = (program: InnosiliconProgram): number =>
  Math.round(program.plant.truth.fans[0]?.duty ?? 0);

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
