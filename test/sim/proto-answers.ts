// What the simulated rig says of its plant and of itself.

import type { PoolsOrder } from "../../drivers/proto/wire.ts";
import type { HttpReply } from "./http-daemon.ts";
import type { PlantTruth } from "./plant-truth.ts";

export function telemetryOf(truth: PlantTruth) {
  const { boards, wallPower, psuOutput, hashrate, inlet, outlet } = truth;
  const supply = (index: number) => ({
    index,
    power: { input: wallPower / 2, output: psuOutput / 2, unit: "W" },
    temperature: { ambient: inlet, average: inlet + 10, hotspot: inlet + 20, unit: "C" },
  });
  return {
    miner: {
      hashrate: { value: hashrate / 1e12, unit: "TH/s" },
      power: { value: wallPower, unit: "W" },
    },
    hashboards: boards.map((board, index) => ({
      index,
      serial_number: serial(index),
      hashrate: { value: board.hashrate / 1e12, unit: "TH/s" },
      voltage: { value: board.voltage / 1000, unit: "V" },
      power: { value: board.power, unit: "W" },
      temperature: { inlet, outlet, average: board.boardTemperature, unit: "C" },
    })),
    psus: [supply(0), supply(1)],
  };
}

export function hardwareOf(truth: PlantTruth) {
  return {
    "cb-info": { serial_number: "PROTO-SIM", board_id: "CB-001" },
    "hashboards-info": truth.boards.map((board, index) => ({
      slot: index + 1,
      hb_sn: serial(index),
      mining_asic_count: board.chips,
    })),
    "psus-info": [{ manufacturer: "Proto", model: "PSU-3600W", slot: 1 }],
  };
}

export const SYSTEM = {
  "system-info": {
    manufacturer: "Proto",
    model: "Rig",
    product_name: "Proto Rig",
    board: "C3",
    cb_sn: "PROTO-SIM",
    os: { name: "ProtoOS", version: "1.8.0" },
    web_server: { name: "miner-api-server", version: "1.8.0" },
  },
};

export const json = (value: unknown): HttpReply => ({ body: JSON.stringify(value) });
export const serial = (index: number) => `HB-SIM-${index}`;

export function poolStatus(pool: PoolsOrder[number], id: number) {
  const { name, url, username: user, priority } = pool;
  const told = { name, url, user, priority, id, enabled: true, status: "Active" };
  return { ...told, accepted: 10, rejected: 0, difficulty: "1048576" };
}
