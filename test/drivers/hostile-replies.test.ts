// What scripts/fuzz found, each as small as it was.

import { describe, expect, test } from "vitest";
import { auradine } from "../../drivers/auradine/index.ts";
import { lookUp, toNumber } from "../../drivers/contract/decoding.ts";
import { rateReading } from "../../drivers/contract/quantities.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { cgminerPools } from "../../drivers/transport/cgminer.ts";
import { parseReply } from "../../drivers/transport/json.ts";
import { errorCodesOf } from "../../drivers/whatsminer/decode.ts";

const ORIGIN = { source: "summary", at: epochMs(0) };

describe("a number beyond 1e100", () => {
  test.each([1e308, -1e308, "1e200", Infinity, "1e999", Number.NaN])("%s is none", (raw) => {
    expect(toNumber(raw)).toBeUndefined();
    expect(rateReading(raw, { scale: 1, window: 0 }, ORIGIN)).toBeUndefined();
  });

  test("does not make the time of a share infinite", () => {
    const [pool] = cgminerPools([{ URL: "stratum+tcp://a:1", "Last Share Time": 1e306 }]);
    expect(pool).toBeDefined();
    expect(pool).not.toHaveProperty("lastShareAt");
  });
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "the word %s of a machine finds nothing in a table",
  (word) => {
    expect(lookUp({ alive: "alive" }, word)).toBeUndefined();
    const [pool] = cgminerPools([{ URL: "stratum+tcp://a:1", Status: word }]);
    expect(pool?.status).toBe("unknown");
  },
);

test("a list of more rows than any machine has is refused, wherever it is", () => {
  const rows = (count: number) => `{"a":{"b":[${Array(count).fill("{}").join()}]}}`;
  expect(() => parseReply(rows(4097), "x")).toThrow("x: a list of more than 4096 rows");
  expect(parseReply(rows(4096), "x")).toBeDefined();
});

test("rows are counted before anything is mended, and only in the value that is read", () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `"k${index}":nan`).join();
  expect(() => parseReply(`{"a":{${keys}`, "x")).toThrow("x: a list of more than 4096 rows");
  const commas = ",".repeat(10_000);
  expect(parseReply(`{"a":"${commas}","b":[[0,0],[0]]}`, "x")).toMatchObject({ a: commas });
  expect(parseReply(`{"a":1}{"b":[${commas}]}`, "x")).toEqual({ a: 1 });
});

test("error codes nested deeper than the stack are none", () => {
  let deep: unknown = 329;
  for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
  expect(errorCodesOf(deep)).toEqual([]);
  expect(errorCodesOf([329, "530", { "2010": "2024-01-01" }])).toEqual(["329", "530", "2010"]);
});

test("a version nested too deep to be written out again is only not FluxOS", async () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const probe = {
    api: () => Promise.resolve(`{"VERSION":[{"CGMiner":"4","odd":${deep}}]}`),
    web: () => Promise.resolve(undefined),
  };
  expect(await auradine.identify(probe)).toBeUndefined();
});
