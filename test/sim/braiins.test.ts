// The simulated machine keeps the manners of the real one, without the driver in between.

import { afterEach, beforeEach, expect, test } from "vitest";
import { epochMs } from "../../drivers/contract/units.ts";
import { httpClient } from "../../drivers/transport/http.ts";
import { BraiinsMachine } from "./braiins.ts";

let machine: BraiinsMachine;
let time: number;

beforeEach(async () => {
  time = 1_800_000_000_000;
  machine = new BraiinsMachine({ host: "127.0.0.1", seed: 5, now: () => epochMs(time) });
  await machine.start();
});
afterEach(() => machine.stop());

async function ask(
  method: "GET" | "PUT" | "POST",
  path: string,
  body?: unknown,
  token?: string,
): Promise<{ status: number; body: string }> {
  const client = httpClient({ host: "127.0.0.1", port: machine.address.httpPort, deadline: 1000 });
  try {
    return await client.request({
      method,
      path: `/api/v1/${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: token === undefined ? {} : { authorization: token },
    });
  } finally {
    client.close();
  }
}

async function logIn(): Promise<string> {
  const answer = await ask("POST", "auth/login", { username: "root", password: "root" });
  return (JSON.parse(answer.body) as { token: string }).token;
}

test("a token is needed, bare, and ends after an hour", async () => {
  expect((await ask("GET", "miner/details")).status).toBe(401);
  const token = await logIn();
  expect((await ask("GET", "miner/details", undefined, `Bearer ${token}`)).status).toBe(401);
  expect((await ask("GET", "miner/details", undefined, token)).status).toBe(200);
  time += 3_601_000;
  expect((await ask("GET", "miner/details", undefined, token)).status).toBe(401);
});

test("its figures are those of the recorded machine: 142 TH/s at about 3030 W", async () => {
  time += 3_600_000;
  const token = await logIn();
  const stats = JSON.parse((await ask("GET", "miner/stats", undefined, token)).body);
  expect(stats.miner_stats.nominal_hashrate.gigahash_per_second / 142_876).toBeCloseTo(1, 1);
  expect(Math.abs(stats.power_stats.approximated_consumption.watt - 3031)).toBeLessThan(3);
  const wall = machine.plant.truth.wallPower;
  expect(Math.abs(wall / 3031 - 1)).toBeLessThan(0.06);
});

test("what is out of range is refused with words, and changes nothing", async () => {
  const token = await logIn();
  const answer = await ask("PUT", "performance/power-target", { watt: 9000 }, token);
  expect(answer.status).toBe(400);
  expect(answer.body).toContain("out of range");
  expect(machine.miner.target).toEqual({ kind: "power", watt: 3031 });
  expect((await ask("PUT", "performance/power-target", { watts: 2000 }, token)).status).toBe(400);
  expect((await ask("PUT", "cooling/mode", { auto: {} }, token)).status).toBe(404);
});

test("actions tell whether they found it so", async () => {
  const token = await logIn();
  expect((await ask("PUT", "actions/pause", undefined, token)).body).toBe("false");
  expect((await ask("PUT", "actions/pause", undefined, token)).body).toBe("true");
  time += 10_000;
  expect((await ask("PUT", "actions/resume", undefined, token)).body).toBe("false");
  expect(machine.plant.truth.hashing).toBe(false);
  time += 120_000;
  await ask("GET", "miner/details", undefined, token);
  expect(machine.plant.truth.hashing).toBe(true);
});
