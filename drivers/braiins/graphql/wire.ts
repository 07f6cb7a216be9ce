// What Braiins OS says on POST /graphql (22.08 to 25.05). Shapes follow captures of an S9 on 22.08 and an
// S21+ on 25.03; the questions beyond those follow the schema of 25.03. One field that a release does not
// know fails its whole question: what only some know is asked apart. Rates are in MH/s, frequencies in MHz,
// voltages in V, hashrate targets in TH/s.

import * as z from "zod";
import { figure, flag, list, part, text } from "../shapes.ts";

const power = part({ approxConsumptionW: figure, limitW: figure });
const info = <Shape extends z.ZodRawShape>(shape: Shape) => part({ info: part(shape) });

/** `workSolver` is null while the miner program does not run. */
export const System = z.looseObject({
  bos: part({
    faultLight: flag,
    hostname: text,
    info: part({ version: part({ full: text }) }),
    uptime: part({ durationS: figure }),
  }),
  bosminer: info({
    fans: list(z.looseObject({ name: figure, rpm: figure, speed: figure })),
    summary: part({ power }),
    workSolver: part({ nominalMhs: figure, realHashrate: part({ mhs5S: figure }) }),
  }),
});

const Solver = z.looseObject({
  hwDetails: part({
    chips: figure,
    frequencyMhz: figure,
    /** Since 25.x. */
    hbSerialNumber: text,
    voltageV: figure,
  }),
  /** Number of the board's connector. */
  name: figure,
  nominalMhs: figure,
  realHashrate: part({ mhs5S: figure }),
  /** Board, Chip (22.08); Max Board, Max Chip, Inlet, Outlet (25.03); MAX_BOARD (later). */
  temperatures: list(z.looseObject({ degreesC: figure, name: text })),
});
export type Solver = z.output<typeof Solver>;
export const Boards = z.looseObject({
  bosminer: info({ workSolver: part({ childSolvers: list(Solver) }) }),
});

export const Tuning = z.looseObject({
  bosminer: part({
    config: part({
      /** POWER_TARGET or HASHRATE_TARGET. */
      autotuning: part({ hashrateTarget: figure, mode: text, powerTarget: figure }),
    }),
    info: part({ summary: part({ power }) }),
  }),
});

const strategy = part({ fixedShareRatio: figure, quota: figure });
export const Pools = z.looseObject({
  bosminer: part({
    config: part({ groups: list(z.looseObject({ id: figure, strategy })) }),
    info: part({
      poolGroups: list(
        z.looseObject({
          name: text,
          pools: list(
            z.looseObject({
              active: flag,
              shares: part({ acceptedSolutions: figure, rejectedSolutions: figure }),
              /** ALIVE, DEAD, DISABLED. */
              status: text,
              url: text,
              user: text,
            }),
          ),
        }),
      ),
    }),
  }),
});

/** Present complaints; kind INFO, SUCCESS, WARNING, ERROR. */
export const Events = z.looseObject({
  events: part({ appeals: list(z.looseObject({ id: figure, kind: text, message: text })) }),
});

export const Progress = z.looseObject({
  bosminer: part({
    info: part({
      /** DISABLED, STABLE, RUNNING, FAILED. */
      summary: part({ tunerStatus: text }),
      workSolver: part({ realHashrate: part({ mhs5M: figure, mhsSinceRestart: figure }) }),
    }),
    uptime: part({ durationS: figure }),
  }),
});

export const Model = z.looseObject({ bosminer: info({ modelName: text }) });
export const Identity = z.looseObject({
  bos: part({
    info: part({ controlBoardSocFamily: text, version: part({ isPlus: flag }) }),
    macAddress: text,
    serialNumber: text,
  }),
});

export const Settings = z.looseObject({
  bosminer: part({
    config: part({
      autotuning: part({ enabled: flag }),
      hashChainGlobal: part({ frequency: figure, voltage: figure }),
      hashChains: list(
        z.looseObject({ enabled: flag, frequency: figure, name: figure, voltage: figure }),
      ),
      tempControl: part({ dangerousTemp: figure, hotTemp: figure }),
    }),
  }),
});

const range = part({ default: figure, max: figure, min: figure });
export const Limits = z.looseObject({
  bosminer: part({
    metadata: part({
      autotuning: part({ hashrateTarget: range, powerTarget: range }),
      hashChain: part({ frequency: range, voltage: range }),
    }),
  }),
});

const BOARD = "name nominalMhs realHashrate { mhs5S } temperatures { name degreesC }";
const CONFIG = "config { ... on BosminerConfig";
const RANGE = "{ default min max }";

/** By name; where there are two texts, the first is of later releases. */
export const QUESTIONS = {
  system: {
    shape: System,
    texts: [
      "query system { bos { hostname faultLight info { version { full } } uptime { durationS } } bosminer { info { workSolver { realHashrate { mhs5S } nominalMhs } fans { name speed rpm } summary { power { limitW approxConsumptionW } } } } }",
    ],
  },
  boards: {
    shape: Boards,
    texts: [
      `query boards { bosminer { info { workSolver { childSolvers { ${BOARD} hwDetails { chips frequencyMhz voltageV hbSerialNumber } } } } } }`,
      `query boards { bosminer { info { workSolver { childSolvers { ${BOARD} hwDetails { chips frequencyMhz voltageV } } } } } }`,
    ],
  },
  tuning: {
    shape: Tuning,
    texts: [
      `query tuning { bosminer { ${CONFIG} { autotuning { mode powerTarget hashrateTarget } } } info { summary { power { limitW } } } } }`,
    ],
  },
  pools: {
    shape: Pools,
    texts: [
      `query pools { bosminer { ${CONFIG} { groups { id strategy { ... on QuotaStrategy { quota } ... on FixedShareRatioStrategy { fixedShareRatio } } } } } info { poolGroups { name pools { url user status active shares { acceptedSolutions rejectedSolutions } } } } } }`,
    ],
  },
  events: { shape: Events, texts: ["query events { events { appeals { id kind message } } }"] },
  progress: {
    shape: Progress,
    texts: [
      "query progress { bosminer { uptime { durationS } info { summary { tunerStatus } workSolver { realHashrate { mhs5M mhsSinceRestart } } } } }",
    ],
  },
  model: { shape: Model, texts: ["query model { bosminer { info { modelName } } }"] },
  identity: {
    shape: Identity,
    texts: [
      "query identity { bos { macAddress serialNumber info { controlBoardSocFamily version { isPlus } } } }",
    ],
  },
  settings: {
    shape: Settings,
    texts: [
      `query settings { bosminer { ${CONFIG} { autotuning { enabled } hashChainGlobal { frequency voltage } hashChains { name enabled frequency voltage } tempControl { hotTemp dangerousTemp } } } } }`,
    ],
  },
  limits: {
    shape: Limits,
    texts: [
      `query limits { bosminer { metadata { autotuning { powerTarget ${RANGE} hashrateTarget ${RANGE} } hashChain { frequency ${RANGE} voltage ${RANGE} } } } }`,
    ],
  },
} as const;
export type QuestionName = keyof typeof QUESTIONS;
export type Answer<Name extends QuestionName> = z.output<(typeof QUESTIONS)[Name]["shape"]>;
export const sourceOf = (name: QuestionName): string => `graphql ${name}`;

/** 200 even for a failure; data and errors may come together. */
export const Envelope = z.looseObject({
  data: z.unknown().optional(),
  errors: list(z.looseObject({ extensions: part({ code: text }), message: text })),
});

export type Envelope = z.output<typeof Envelope>;

/** A page of the old web interface; the MAC address of releases whose GraphQL does not tell it. */
export const LAN_PAGE = "/cgi-bin/luci/admin/network/iface_status/lan";
export const LanPage = z.array(z.looseObject({ macaddr: text }));
