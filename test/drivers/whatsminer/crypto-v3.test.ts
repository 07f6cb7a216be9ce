// Vectors: the vendor's own example (token t5VzZdBe), the others computed from its description.

import { describe, expect, test } from "vitest";
import { decrypt } from "../../../drivers/whatsminer/crypto-v2.ts";
import { encryptParameter, sign } from "../../../drivers/whatsminer/crypto-v3.ts";
import { encodeV3 } from "../../../drivers/whatsminer/encode-v3.ts";

const SALT = "5QAHiKMb";
const TIME = 1_692_685_512;

describe("signatures", () => {
  test.each([
    [
      "set.miner.pools",
      "super",
      TIME,
      "t5VzZdBe",
      "b7957365d05ec273e788a1034d1a4b0df51b295a3da79d14f46b2bf7b56e4ab3",
    ],
    [
      "set.miner.power_mode",
      "super",
      TIME,
      "pGwS7b8Z",
      "a46c12edbf193fecd318861fad9b0bd704dfde050346de9318a545cfacb1bdcc",
    ],
    [
      "set.miner.power_percent",
      "Abc12345",
      1_700_000_000,
      "/rETNx0E",
      "feb113371d043ff12aaddc4f0813c463d5bc0a8cc78079cd00cd92d23b78113b",
    ],
    [
      "set.user.change_passwd",
      "super",
      TIME,
      "C0ALb+1a",
      "0b400b6fed5a267f359e745fa56ee9adbf1f5f2e82b66acbf4d3534c7127c6d1",
    ],
  ])("%s with password %s", (command, password, seconds, token, digest) => {
    const signature = sign(command, password, SALT, seconds);
    expect(signature.token).toBe(token);
    expect(signature.key.toString("hex")).toBe(digest);
  });
});

describe("encrypted parameters", () => {
  test("pools", () => {
    const { key } = sign("set.miner.pools", "super", SALT, TIME);
    const { parameter, secret } = encodeV3({
      knob: "pools",
      value: [{ url: "stratum+tcp://pool:3333", user: "worker", password: "x" }],
    });
    expect(secret).toBe(true);
    const data = encryptParameter(JSON.stringify(parameter), key);
    expect(data).toBe(
      "M7c6KBuUVIiP+BnrFxPBexRUr3Zw94Ng42eBDFq02W9o7MSxcGd0EcmSwVx72paF9s8xliqcLqi00gxEFa8AzpW/A3R+69wXNkHPuGtqhA4=",
    );
    expect(JSON.parse(decrypt(data, key) ?? "")).toEqual(parameter);
  });

  test("change of password", () => {
    const { key } = sign("set.user.change_passwd", "super", SALT, TIME);
    expect(encryptParameter('{"account":"super","new":"Abc12345","old":"super"}', key)).toBe(
      "BO46uvuQf4DwyT2fC8Q9nIXL5yy3hDPN92CviDKalAdtTLp+GmsLSKiQTKYFA60xwep8Bjh7GyGnHWnNBJiD4Q==",
    );
  });
});

test("the body of a write is what the vendor's vector has", () => {
  const { command, parameter } = encodeV3({ knob: "mode", value: "low" });
  const body = JSON.stringify({
    cmd: command,
    ts: TIME,
    token: sign(command, "super", SALT, TIME).token,
    account: "super",
    param: parameter,
  });
  expect(body).toBe(
    '{"cmd":"set.miner.power_mode","ts":1692685512,"token":"pGwS7b8Z","account":"super","param":"low"}',
  );
  expect(body).toHaveLength(97);
});
