// Whatever a firmware puts into its answers, decoding ends in telemetry without a NaN or in a DeviceError.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answers, openStatistics } from "../../../drivers/avalon/answers.ts";
import { decodeSetpoint, offerControls } from "../../../drivers/avalon/controls.ts";
import { decode, whoIs } from "../../../drivers/avalon/decode.ts";
import { openReply } from "../../../drivers/avalon/reply.ts";
import { Pool, Summary, Version } from "../../../drivers/avalon/wire.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { A921, A1066, A1566, NANO_3S, Q_IDLE } from "./modules.ts";
import { statsOf } from "./scripted.ts";

const RUNS = { numRuns: 300, seed: 20_260_101 };
const AT = epochMs(1_800_000_000_000);

/** Everything that a reading is made of, without the network. */
function decodeAll(reply: string, others: Omit<Answers, "statistics">): unknown {
  const opened = openReply(reply, "estats");
  const statistics = openStatistics(opened, "estats");
  const module = statistics?.modules[0];
  if (statistics === undefined || module === undefined) return undefined;
  const answers = { ...others, statistics: { value: statistics, at: AT } };
  const decoded = decode(answers, AT);
  const who = whoIs(answers);
  const activity = decoded.activity?.value;
  const setpoint = decodeSetpoint({
    ...{ who, module, activity, fan: undefined, pools: others.pools, source: "estats", at: AT },
  });
  const controls = offerControls(
    { who, module, options: undefined, mayLogIn: true, unsupported: new Set() },
    setpoint,
  );
  return { ...decoded, setpoint, controls };
}

function oddNumbers(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => oddNumbers(item, `${path}.${key}`));
}

function mustHold(run: () => unknown): void {
  try {
    expect(oddNumbers(run())).toEqual([]);
  } catch (error) {
    if (!isDeviceError(error)) throw error;
  }
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    "nan",
    "-",
    "NaN",
    "inf",
    -1,
    1e308,
    "1e999",
    [],
    {},
    [null],
    true,
  ),
  fc.constantFrom<unknown>("constructor", "__proto__", { length: 3 }, [[{}]]),
  fc.integer(),
  fc.string(),
);

describe("decoding", () => {
  test("bears any value, missing key and odd length in the text of a module", () => {
    const module = fc.constantFrom(A921, A1066, A1566, NANO_3S, Q_IDLE);
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      with: fc.oneof(
        fc.constantFrom(
          "",
          "[",
          "]",
          "[]",
          " nan ",
          "-273",
          "1e999",
          "%",
          "|",
          "99999999999999999999",
        ),
        fc.string(),
      ),
      cut: fc.nat(40),
    });
    fc.assert(
      fc.property(module, fc.array(edit, { maxLength: 8 }), (text, edits) => {
        let broken = text;
        for (const { at, with: piece, cut } of edits) {
          const start = Math.floor(at * broken.length);
          broken = broken.slice(0, start) + piece + broken.slice(start + cut);
        }
        mustHold(() => decodeAll(statsOf(broken), {}));
      }),
      RUNS,
    );
  });

  test("bears any value in the place of a module's", () => {
    const keys = [...A1566.matchAll(/(\w+)\[/g)].map(([, key]) => key ?? "");
    const list = fc.array(fc.oneof(fc.integer(), fc.constantFrom("nan", "-", "x", "1e308", "")));
    fc.assert(
      fc.property(fc.constantFrom(...keys), list, (key, values) => {
        const text = A1566.replace(new RegExp(`\\b${key}\\[[^\\]]*`), `${key}[${values.join(" ")}`);
        mustHold(() => decodeAll(statsOf(text), {}));
      }),
      RUNS,
    );
  });

  test("bears any JSON in any answer", () => {
    const fields = (...names: string[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, odd])), { requiredKeys: [] });
    const version = fields("MODEL", "PROD", "API", "HWTYPE", "MAC", "DNA", "VERSION");
    const summary = fields(
      "Elapsed",
      "MHS av",
      "MHS 5s",
      "MHS 5m",
      "Accepted",
      "Difficulty Accepted",
    );
    const pool = fields(
      "POOL",
      "URL",
      "User",
      "Status",
      "Last Share Time",
      "Stratum Active",
      "Priority",
    );
    fc.assert(
      fc.property(version, summary, fc.array(pool, { maxLength: 3 }), odd, (a, b, c, when) => {
        const answers = {
          version: { value: Version.parse(a), at: AT },
          summary: { value: Summary.parse(b), at: AT },
          pools: { value: c.map((each) => Pool.parse(each)), at: AT, when: Number(when) || 0 },
        };
        mustHold(() => decodeAll(statsOf(Q_IDLE), answers));
        const json = JSON.stringify({ STATUS: [a], STATS: [{ "MM ID0": A1566, HBinfo: when }, b] });
        mustHold(() => decodeAll(json, answers));
        mustHold(() => decodeAll(JSON.stringify({ STATUS: when, STATS: c }), answers));
        mustHold(() =>
          decodeAll(JSON.stringify({ STATUS: [{}], STATS: [{ "MM ID0": when }] }), {}),
        );
      }),
      RUNS,
    );
  });

  test("bears any text at all", () => {
    const head = "STATUS=S,When=1,Code=70,Msg=x,Description=y|";
    const word = fc.constantFrom(
      "constructor",
      "toString",
      "__proto__",
      "STATS=0",
      "|",
      ",",
      "=",
      "[",
      "]",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        mustHold(() => decodeAll(words.join(""), {}));
        mustHold(() => decodeAll(`${head}${words.join("")}|`, {}));
      }),
      RUNS,
    );
  });
});
