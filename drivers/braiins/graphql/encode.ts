// From wishes to mutations. Values stand in the text where the name of an input type is not the same in
// all releases.

import type { PoolConfig, Setting } from "../../contract/controls.ts";
import { toNumber } from "../../contract/decoding.ts";
import { DeviceError } from "../../contract/errors.ts";
import { POWER_TARGET, type Target, targetOf } from "../targets.ts";
import { inSafeOrder } from "../validate.ts";
import type { Order } from "./client.ts";
import type { Known } from "./known.ts";
import { type ManualPoint, manualPoint, storedPower, targetOfTuner } from "./setpoint.ts";

const TERA = 1e12;
const WHY = "__typename ... on Error { message }";
const BOSMINER_WHY = "__typename ... on BosminerError { message }";

/** In the order in which they are safe. */
export function encode(settings: readonly Setting[], known: Known): Order[] {
  const wish = handWish(settings);
  let handDone = false;
  return inSafeOrder(settings).flatMap((setting) => {
    if (setting.knob !== "frequency" && setting.knob !== "voltage") return ordersOf(setting, known);
    // Both go out in one order: the firmware itself takes the safe way between two points.
    if (handDone) return [];
    handDone = true;
    return [performance({ ...manualPoint(known), ...wish }, known)];
  });
}

function handWish(settings: readonly Setting[]): ManualPoint {
  let wish: ManualPoint = {};
  for (const setting of settings) {
    if (setting.knob === "frequency") wish = { ...wish, frequency: setting.value };
    if (setting.knob === "voltage") wish = { ...wish, voltage: setting.value };
  }
  return wish;
}

function ordersOf(setting: Setting, known: Known): Order[] {
  switch (setting.knob) {
    case "powerLimit":
      return [autotuning({ kind: "power", power: setting.value }, known)];
    case "profile":
      return [autotuning(targetOf(setting.value) ?? wattsAgain(setting.value, known), known)];
    case "sleep":
      return [program(setting.value ? "stop" : "start")];
    case "locate":
      return [
        mutation("setFaultLight", `bos { setFaultLight(enable: ${setting.value}) { enabled } }`),
      ];
    case "pools":
      return [groups(setting.value, known), program("restart")];
    case "restart":
      return [program("restart")];
    case "reboot":
      return [mutation("reboot", "bos { reboot { __typename ... on BosError { message } } }")];
    default:
      throw new DeviceError("INVALID_SETTING", `${setting.knob}: not offered by this machine`);
  }
}

function wattsAgain(name: string, known: Known): Target {
  const power = storedPower(known);
  if (name === POWER_TARGET && power !== undefined) return { kind: "power", power };
  throw new DeviceError("INVALID_SETTING", `profile: ${JSON.stringify(name)} names no target`);
}

/** The mode is told only where it changes: the oldest releases are known to take the value alone. */
function autotuning(target: Target, known: Known): Order {
  const changes = targetOfTuner(known)?.kind !== target.kind;
  const input =
    target.kind === "power"
      ? `${changes ? "mode: POWER_TARGET, " : ""}powerTarget: ${Math.round(target.power)}`
      : `${changes ? "mode: HASHRATE_TARGET, " : ""}hashrateTarget: ${target.hashrate / TERA}`;
  return mutation(
    "updateAutotuning",
    `bosminer { config { updateAutotuning(input: { ${input} }, apply: true) { ${WHY} } } }`,
  );
}

/** Every board is named: a board's own value of before would win over the common one. */
function performance(point: ManualPoint, known: Known): Order {
  const { frequency, voltage } = point;
  const values = (prefix: readonly [string, string]) =>
    [
      frequency === undefined ? [] : `${prefix[0]}: ${frequency}`,
      voltage === undefined ? [] : `${prefix[1]}: ${voltage / 1000}`,
    ]
      .flat()
      .join(", ");
  const boards = known.answers.settings?.answer.bosminer?.config?.hashChains ?? [];
  const chains = boards.flatMap(({ name }) =>
    toNumber(name) === undefined
      ? []
      : `{ name: ${JSON.stringify(String(name))}, ${values(["frequency", "voltage"])} }`,
  );
  const input = `${values(["globalFrequency", "globalVoltage"])}, hashChains: [${chains.join(", ")}]`;
  return mutation(
    "updatePerformance",
    `bosminer { config { updatePerformance(input: { ${input} }, apply: true) { ${WHY} } } }`,
  );
}

/** Name and share of the group stay; without a group a common name is as good as any. */
function groups(pools: readonly PoolConfig[], known: Known): Order {
  const bosminer = known.answers.pools?.answer.bosminer;
  const share = bosminer?.config?.groups?.[0]?.strategy;
  const ratio = toNumber(share?.fixedShareRatio);
  const group = {
    name: bosminer?.info?.poolGroups?.[0]?.name ?? "default",
    ...(ratio === undefined ? { quota: toNumber(share?.quota) ?? 1 } : { fixedShareRatio: ratio }),
    pools: pools.map(({ url, user, password }) => ({ enabled: true, url, user, password })),
  };
  return {
    name: "updateGroups",
    query: `mutation ($groups: [Group!]!) { bosminer { config { updateGroups(groups: $groups) { ${WHY} } } } }`,
    variables: { groups: [group] },
  };
}

const program = (verb: "start" | "stop" | "restart"): Order =>
  mutation(`bosminer ${verb}`, `bosminer { ${verb} { ${BOSMINER_WHY} } }`);

const mutation = (name: string, body: string): Order => ({ name, query: `mutation { ${body} }` });
