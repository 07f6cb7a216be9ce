// Without a password these machines tell nothing, and the error says so.

import { expect, test } from "vitest";
import { epochMs } from "../../drivers/contract/units.ts";
import { elphapex } from "../../drivers/elphapex/index.ts";
import { goldshell } from "../../drivers/goldshell/index.ts";
import { iceriver } from "../../drivers/iceriver/index.ts";
import { proto } from "../../drivers/proto/index.ts";
import { ElphapexMachine } from "../sim/elphapex.ts";
import { GoldshellMachine } from "../sim/goldshell.ts";
import { IceriverMachine } from "../sim/iceriver.ts";
import { ProtoMachine } from "../sim/proto.ts";
import { NEVER } from "./code-of.ts";

const ports = { now: () => epochMs(1_800_000_000_000) };
const setup = { seed: 1, now: ports.now, password: "secret" };

test.each([
  [proto, new ProtoMachine(setup)],
  [elphapex, new ElphapexMachine(setup)],
  [goldshell, new GoldshellMachine(setup)],
  [iceriver, new IceriverMachine(setup)],
] as const)("%# without a password is UNAUTHORIZED", async (driver, machine) => {
  await machine.start();
  // One table for four drivers: each takes its own options, which the table cannot say.
  const connect = driver.connect as (
    options: unknown,
    given: typeof ports,
  ) => ReturnType<typeof driver.connect>;
  const options = driver.options.parse({ driver: driver.kind, ...machine.address });
  const session = connect(options, ports);
  await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await session.close();
  await machine.stop();
});
