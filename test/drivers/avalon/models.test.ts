// The hardware table, and who is recognised.

import { afterEach, describe, expect, test } from "vitest";
import { avalon } from "../../../drivers/avalon/index.ts";
import { findAvalon, nameplateOf } from "../../../drivers/hardware/avalon.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { type Scripted, startScripted, statusOf } from "./scripted.ts";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

describe("the hardware table", () => {
  test.each([
    ["1246-83", "A1246", 83],
    ["AvalonMiner 1346-116", "A1346", 116],
    ["1166Pro-81", "A1166", 81],
    ["AvalonMiner 1166Pro", "A1166", undefined],
    ["15-194", "A1566", 194],
    ["15-194-24102401_25462b2_9ddf522", "A1566", 194],
    ["1566HA-480", "A1566HA", 480],
    ["9211809-b4b3d00", "A921", undefined],
    ["7411706-3162860", "A741", undefined],
    ["Nano3s-25021401_56abae7", "Nano 3S", undefined],
    ["Avalon Nano3s", "Nano 3S", undefined],
    ["Nano3", "Nano 3", undefined],
    ["Avalon Q", "Q", undefined],
    ["Q-25052801_14a19a2", "Q", undefined],
    ["Avalon Mini 3", "Mini 3", undefined],
    ["1099-50", undefined, 50],
    ["10xx", undefined, undefined],
    ["Antminer S19", undefined, undefined],
    ["", undefined, undefined],
    ["constructor", undefined, undefined],
  ])("finds %j", (text, name, grade) => {
    expect(findAvalon(text)?.name).toBe(name);
    expect(nameplateOf(text)).toBe(grade === undefined ? undefined : grade * 1e12);
  });
});

describe("recognition", () => {
  const version = (fields: string) => `${statusOf("S", 22, "CGMiner versions")}VERSION,${fields}|`;
  test.each([
    ["a Whatsminer", version("CGMiner=4.9.2,API=3.7,Miner=btminer"), undefined],
    [
      "a plain cgminer",
      version("CGMiner=4.11.1,API=3.7"),
      `${statusOf("S", 70, "x")}STATS=0,ID=BMM0|`,
    ],
    ["LuxOS", '{"STATUS":[{"STATUS":"S"}],"VERSION":[{"LUXminer":"2025.4.8"}]}', undefined],
    ["a web page", "<html></html>", undefined],
    ["silence", "", undefined],
  ])("is refused to %s", async (_who, answer, stats) => {
    machine = await startScripted({ version: answer, stats });
    const { port } = machine;
    const probe = openProbe({ host: "127.0.0.1", port, httpPort: 9, deadline: 2000 });
    expect(await avalon.identify(probe)).toBeUndefined();
  });
});
