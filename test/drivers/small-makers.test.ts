// None of the small makers' drivers takes another maker's machine for its own.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { auradine } from "../../drivers/auradine/index.ts";
import type { Probe } from "../../drivers/contract/driver.ts";
import { elphapex } from "../../drivers/elphapex/index.ts";
import { goldshell } from "../../drivers/goldshell/index.ts";
import { iceriver } from "../../drivers/iceriver/index.ts";
import { proto } from "../../drivers/proto/index.ts";
import { sealminer } from "../../drivers/sealminer/index.ts";
import { FOLDER, recorded, recordsAreHere, WHERE } from "./recorded.ts";

const DRIVERS = [auradine, elphapex, goldshell, iceriver, proto, sealminer];

const folders = (url: URL) =>
  readdirSync(url, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

const sets = recordsAreHere
  ? folders(FOLDER).flatMap((maker) =>
      folders(new URL(`${maker}/`, FOLDER)).map((name) => [maker, `${maker}/${name}`] as const),
    )
  : [];

describe.skipIf(!recordsAreHere)(`recordings of every maker${WHERE}`, () => {
  test.each(sets)("%s: %s", async (maker, dir) => {
    const answers = recorded(dir);
    const probe: Probe = {
      api: (command) => Promise.resolve(answers[command]),
      web: () => Promise.resolve(undefined),
    };
    for (const driver of DRIVERS) {
      const sighting = await driver.identify(probe);
      const mine = driver.kind === maker && answers["version"] !== undefined;
      expect(sighting?.driver, driver.kind).toBe(mine ? driver.kind : undefined);
    }
  });
});

test.each([
  [401, 'Digest realm="antMiner Configuration"', ""],
  [200, undefined, "<title>AxeOS</title>"],
  [200, undefined, "<title>Miner Web Dashboard</title>"],
  [200, undefined, ""],
])("HTTP %i with %j and %j is nobody of them", async (status, realm, body) => {
  const probe: Probe = {
    api: () => Promise.resolve(undefined),
    web: () => Promise.resolve({ status, headers: { "www-authenticate": realm }, body }),
  };
  for (const driver of DRIVERS) expect(await driver.identify(probe)).toBeUndefined();
});
