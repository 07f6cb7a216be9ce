// What an S21+ on 25.03 answers to each question by its name, as its settings stand.

export interface GraphqlState {
  power: number;
  hashrate: number;
  mode: "POWER_TARGET" | "HASHRATE_TARGET";
  enabled: boolean;
  frequency: number;
  volts: number;
  running: boolean;
  faultLight: boolean;
  pools: { url: string; user: string }[];
}

export function answersOf(state: GraphqlState): Record<string, unknown> {
  const bos = {
    hostname: "s21",
    faultLight: state.faultLight,
    info: { version: { full: "2025-04-07-0-424f9a7f-25.03-plus" } },
    uptime: { durationS: 90_000 },
  };
  const range = (min: number, standard: number, max: number) => ({ min, default: standard, max });
  return {
    system: state.running
      ? {
          bos,
          bosminer: {
            info: {
              workSolver: { realHashrate: { mhs5S: 251e6 }, nominalMhs: 259e6 },
              fans: [{ name: "0", rpm: 6400, speed: 100 }],
              summary: { power: { limitW: state.power, approxConsumptionW: 4448 } },
            },
          },
        }
      : { bos, bosminer: { info: { workSolver: null } } },
    boards: {
      bosminer: {
        info: {
          workSolver: {
            childSolvers: ["1", "3"].map((board) => ({
              name: board,
              nominalMhs: 86e6,
              realHashrate: { mhs5S: 83e6 },
              hwDetails: { chips: 55, frequencyMhz: state.frequency, voltageV: state.volts },
              temperatures: [
                { name: "MAX_BOARD", degreesC: 60 },
                { name: "MAX_CHIP", degreesC: 75 },
                { name: "INLET", degreesC: 39 },
              ],
            })),
          },
        },
      },
    },
    tuning: {
      bosminer: {
        config: {
          autotuning: {
            mode: state.mode,
            powerTarget: state.power,
            hashrateTarget: state.hashrate,
          },
        },
        info: { summary: { power: { limitW: state.power } } },
      },
    },
    pools: {
      bosminer: {
        config: { groups: [{ id: "0", strategy: { quota: 1 } }] },
        info: {
          poolGroups: [
            {
              name: "mine",
              pools: state.pools.map((pool) => ({
                ...pool,
                status: "ALIVE",
                active: true,
                shares: { acceptedSolutions: 5, rejectedSolutions: 1 },
              })),
            },
          ],
        },
      },
    },
    events: {
      events: {
        appeals: [
          { id: 1, kind: "SUCCESS", message: "tuned" },
          { id: 2, kind: "ERROR", message: "fan 1 is not running" },
        ],
      },
    },
    model: { bosminer: { info: { modelName: "Antminer S21+" } } },
    progress: {
      bosminer: {
        uptime: { durationS: 80_000 },
        info: {
          summary: { tunerStatus: "STABLE" },
          workSolver: { realHashrate: { mhs5M: 250e6, mhsSinceRestart: 249e6 } },
        },
      },
    },
    identity: {
      bos: { macAddress: null, serialNumber: "SN1", info: { controlBoardSocFamily: "AML" } },
    },
    settings: {
      bosminer: {
        config: {
          autotuning: { enabled: state.enabled },
          hashChainGlobal: { frequency: state.frequency, voltage: state.volts },
          hashChains: [
            { name: "1", enabled: null, frequency: null, voltage: null },
            { name: "3", enabled: null, frequency: 580, voltage: null },
          ],
          tempControl: { hotTemp: 90, dangerousTemp: 100 },
        },
      },
    },
    limits: {
      bosminer: {
        metadata: {
          autotuning: {
            powerTarget: range(1500, 3500, 5000),
            hashrateTarget: range(100, 220, 300),
          },
          hashChain: { frequency: range(200, 600, 900), voltage: range(12, 13, 15) },
        },
      },
    },
  };
}
