// What a simulated LUXminer tells, in the shapes of a captured S19k Pro.

import type { ReportName } from "../../drivers/luxos/wire.ts";
import { TEMPERATURES } from "./luxos-miner.ts";
import { formulaWatts, PROFILES } from "./luxos-profiles.ts";
import {
  type Body,
  BUILD,
  devsBody,
  exhaust,
  type ReportedMachine,
  SHARE_DIFFICULTY,
  statsBody,
  summaryBody,
  totalShares,
} from "./luxos-rates.ts";

/** Volts that the supply gives: an APW12 on boards of this kind. */
export const SUPPLY = { VoltageMin: 11.88, VoltageMax: 15.2, VoltageStepMin: 0.01 } as const;
/** As they are wired, not in order. */
const FAN_NAMES = ["FAN4", "FAN2", "FAN1", "FAN3"] as const;

interface Told<Name extends ReportName> {
  readonly code: number;
  readonly words: string;
  readonly body: (machine: ReportedMachine) => Body<Name>;
}

/** autotunerget's and limits' codes are not in any source; nobody decides by them. */
export const TOLD: { readonly [Name in ReportName]?: Told<Name> } = {
  version: {
    code: 22,
    words: "LUXminer versions",
    body: () => ({
      VERSION: [
        {
          API: "3.7",
          CompileTime: "Tue Apr  8 22:05:35 UTC 2025",
          LUXminer: `${BUILD}-57b389c7`,
          Miner: BUILD,
          Type: "Antminer S19k Pro",
        },
      ],
    }),
  },
  config: { code: 33, words: "LUXminer config", body: configBody },
  summary: { code: 11, words: "Summary", body: summaryBody },
  stats: { code: 70, words: "LUXminer stats", body: statsBody },
  devs: { code: 9, words: "3 ASC(s)", body: devsBody },
  power: {
    code: 311,
    words: "Power usage",
    body: ({ miner, plant, psuMeasured }) => {
      const measured = Math.round(plant.truth.wallPower);
      const Watts = psuMeasured ? measured : miner.formulaWatts(formulaWatts);
      return { POWER: [{ PSU: psuMeasured, Watts }] };
    },
  },
  temps: { code: 201, words: "3 Temp(s)", body: tempsBody },
  fans: {
    code: 202,
    words: "4 Fan(s)",
    body: ({ plant }) => ({
      FANCTRL: [{ MinFans: 3, PowerOffSpeed: 20 }],
      FANS: plant.truth.fans.map((fan, index) => ({
        FAN: FAN_NAMES[index] ?? `FAN${index}`,
        ID: index,
        RPM: Math.round(fan.rpm / 60) * 60,
        Speed: Math.round(fan.duty),
      })),
    }),
  },
  pools: { code: 7, words: "Pool(s)", body: poolsBody },
  profiles: {
    code: 323,
    words: "List profiles",
    body: ({ miner }) => ({
      PROFILES: PROFILES.map((profile) => ({
        CanRestore: true,
        Frequency: profile.frequency,
        HasOverrides: false,
        Hashrate: profile.hashrate,
        IsDynamic: true,
        IsTuned: profile === miner.profile,
        "Profile Name": profile.name,
        Step: String(profile.step),
        Voltage: profile.voltage,
        Watts: profile.watts,
      })),
    }),
  },
  atm: {
    code: 339,
    words: "ATM configuration values",
    body: ({ miner }) => ({
      ATM: [
        {
          Enabled: miner.atmEnabled,
          MaxProfile: "default",
          MinProfile: "",
          PostRampMinutes: 2,
          StartupMinutes: 2,
          TempWindow: 5,
        },
      ],
    }),
  },
  autotunerget: {
    code: 354,
    words: "Autotuner configuration",
    body: ({ miner }) => ({ AUTOTUNER: [{ Enabled: miner.autotunerEnabled }] }),
  },
  limits: { code: 350, words: "Limits", body: () => ({ LIMITS: [SUPPLY] }) },
  tempctrl: {
    code: 329,
    words: "Temperature control",
    body: ({ fanSpeed }) => ({
      TEMPCTRL: [{ ...TEMPERATURES, Mode: fanSpeed < 0 ? "Automatic" : "Manual" }],
    }),
  },
};

function configBody(machine: ReportedMachine): Body<"config"> {
  const { miner } = machine;
  return {
    CONFIG: [
      {
        "ASC Count": machine.plant.spec.boards,
        ControlBoardType: "cvitek",
        Cooling: "Air",
        CurtailMode: miner.asleep ? "Sleep" : "None",
        GreenLed: "auto",
        Hostname: "lux-s19k",
        ImmersionMode: false,
        IsAtmEnabled: miner.atmEnabled,
        IsPowerSupplyOn: miner.hashing,
        IsSingleVoltage: true,
        IsTuning: miner.autotunerEnabled,
        MACAddr: machine.mac,
        Model: "Antminer S19k Pro",
        NameplateTHS: 121.8,
        OS: "LuxOS",
        PSUHwVersion: "75",
        PSULabel: "APW121215e",
        "Pool Count": machine.pools.length,
        Profile: miner.profile.name,
        ProfileStep: String(miner.profile.step),
        RedLed: machine.led,
        SerialNumber: machine.serial,
        SystemStatus: miner.panicked ? "Overtemp" : "Normal",
      },
    ],
  };
}

/** The sensors at the intake sit on the board too: warmer than the air. */
function intake({ plant }: ReportedMachine, board: number): number {
  const { inlet, boards } = plant.truth;
  return Math.round(inlet + 0.4 * ((boards[board]?.boardTemperature ?? inlet) - inlet));
}

function tempsBody(machine: ReportedMachine): Body<"temps"> {
  return {
    METADATA: [
      {
        BottomLeft: { Label: "Board Exhaust (bottom)", Position: [1, 0] },
        BottomRight: { Label: "Board Intake (bottom)", Position: [1, 1] },
        TopLeft: { Label: "Board Exhaust (top)", Position: [0, 0] },
        TopRight: { Label: "Board Intake (top)", Position: [0, 1] },
      },
    ],
    TEMPS: machine.plant.truth.boards.map((_board, index) => ({
      BottomLeft: exhaust(machine, index),
      BottomRight: intake(machine, index),
      ID: index,
      TEMP: index,
      TopLeft: exhaust(machine, index),
      TopRight: intake(machine, index),
    })),
  };
}

function poolsBody(machine: ReportedMachine): Body<"pools"> {
  const shares = totalShares(machine);
  return {
    POOLS: machine.pools.map(({ url, user }, index) => {
      const active = index === machine.activePool;
      return {
        Accepted: active ? shares.accepted : 0,
        GROUP: 0,
        "Last Share Time": "00:00:01",
        POOL: index,
        Priority: index,
        Rejected: active ? shares.rejected : 0,
        Stale: 0,
        Status: "Alive",
        "Stratum Active": active,
        "Stratum Difficulty": active ? SHARE_DIFFICULTY : 0,
        URL: url,
        User: user,
      };
    }),
  };
}
