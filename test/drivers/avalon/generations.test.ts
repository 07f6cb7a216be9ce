// The same driver on machines of every generation.

import { afterEach, describe, expect, test } from "vitest";
import { avalon } from "../../../drivers/avalon/index.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { A921, A1066, A1566, NANO_3S, Q_IDLE } from "./modules.ts";
import { NEVER, type Script, type Scripted, startScripted, statsOf, statusOf } from "./scripted.ts";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

async function serve(
  script: Script,
  options: { password?: string; username?: string } = {},
): Promise<Scripted> {
  machine = await startScripted(script, options);
  return machine;
}

const tera = (rate: number | undefined): number => (rate ?? Number.NaN) / 1e12;
const help = (...options: string[]): string =>
  statusOf("I", 118, `ASC 0 set info: ${["help", ...options].join("|")}|`);

describe("gen 1", () => {
  test("921: two modules of four boards, read only", async () => {
    const version = `${statusOf("S", 22, "CGMiner versions")}VERSION,CGMiner=4.10.0,API=3.7|`;
    const stats =
      `${statusOf("S", 70, "CGMiner stats")}STATS=0,ID=AV90,Elapsed=66007,MM Count=2,` +
      `MM ID1=${A921},MM ID2=${A921.replace("Temp[23]", "Temp[27]")},Nonce Mask=29|STATS=1,ID=POOL0|`;
    const { port, read } = await serve({ version, stats });
    const telemetry = await read();
    expect(telemetry.identity).toMatchObject({
      model: "Avalon A921",
      modelKnown: true,
      firmwareVersion: "1809-b4b3d00",
      serial: "01327c4787a135a1",
    });
    expect(telemetry.boards.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(telemetry.boards[0]?.chips?.value).toBe(4);
    // One chip found nothing while its neighbours found a thousand each.
    expect(telemetry.boards[1]?.chips?.value).toBe(3);
    expect(telemetry.boards[2]?.chips).toBeUndefined();
    expect(telemetry.boards[0]?.chipsExpected).toBe(26);
    expect(telemetry.fans.map(({ index, speed }) => [index, speed?.value])).toEqual([
      [0, 4830],
      [1, 4830],
    ]);
    expect(tera(telemetry.hashrate?.ideal?.value)).toBeCloseTo(2 * 21.7187, 6);
    expect(telemetry.temperature?.inlet?.value).toBe(27);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.power).toBeUndefined();
    // 16 stands on healthy boards.
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.controls).toEqual({});
    const probe = openProbe({ host: "127.0.0.1", port, httpPort: 9, deadline: 2000 });
    expect(await avalon.identify(probe)).toMatchObject({ confidence: 4 });
  });

  test("921: modules behind a second bridge count as well", async () => {
    const stats =
      `${statusOf("S", 70, "CGMiner stats")}STATS=0,ID=AV90,Elapsed=66007,MM Count=1,MM ID1=${A921}` +
      `|STATS=1,ID=AV91,Elapsed=66007,MM Count=1,MM ID1=${A921.replace("Fan[4830]", "Fan[4710]")}` +
      "|STATS=2,ID=POOL0|";
    const { read } = await serve({ stats });
    const telemetry = await read();
    expect(telemetry.boards).toHaveLength(8);
    expect(telemetry.fans.map(({ speed }) => speed?.value)).toEqual([4830, 4710]);
    expect(tera(telemetry.hashrate?.ideal?.value)).toBeCloseTo(2 * 21.7187, 6);
  });
});

describe("gen 2", () => {
  test("1066: power without a meter at the wall is told as that of the boards", async () => {
    const { read } = await serve({ estats: statsOf(A1066) });
    const telemetry = await read();
    expect(telemetry.power).toMatchObject({ value: 2834, basis: "board", quality: "ok" });
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.controls.mode?.choices).toEqual([
      { name: "normal" },
      { name: "high performance" },
    ]);
    expect(telemetry.hashrate?.average?.window).toBe(3_600_000);
    expect(telemetry.temperature?.outlet).toBeUndefined();
  });

  test("1066 whose hash power was cut sleeps, though it says that it works", async () => {
    const off = A1066.replace("PS[0 1217 1279 221 2834 1280]", "PS[0 1217 12 0 0 1280]");
    const { read } = await serve({ estats: statsOf(off) });
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("sleeping");
    expect(telemetry.power).toMatchObject({ value: 0, basis: "board" });
  });

  test("1066 whose supply says nothing: neither watts nor volts, and no sleep", async () => {
    const deaf = A1066.replace("PS[0 1217 1279 221 2834 1280]", "PS[0 0 0 0 0 0]").replace(
      "POW_I2C_CONN[SUCCES]",
      "POW_I2C_CONN[FAILED]",
    );
    const { read } = await serve({ estats: statsOf(deaf) });
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.boards.map(({ voltage }) => voltage)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("Nano 3: watts in a place of their own, no rail, no word for what it does", async () => {
    const nano =
      "HashStatus[1] Ver[nano3-25103101_0736b2e] Elapsed[600] Temp[54] OTemp[46] TMax[94] " +
      "Fan1[5200] FanR[75%] GHSspd[4100.12] PS[0 0 0 4 2750 125 330] WORKLEVEL[2]";
    const { read } = await serve({ estats: statsOf(nano) });
    const telemetry = await read();
    expect(telemetry.identity.model).toBe("Avalon Nano 3");
    expect(telemetry.power).toMatchObject({ value: 125, basis: "psu" });
    expect(telemetry.boards[0]?.voltage).toBeUndefined();
    expect(telemetry.activity?.value).toBe("hashing");
  });

  test("A1566: wall power, three equal boards, modes with volts", async () => {
    const { read } = await serve({ estats: statsOf(A1566) });
    const telemetry = await read();
    expect(telemetry.identity.model).toBe("Avalon A1566");
    expect(telemetry.power).toMatchObject({ value: 3731, basis: "psu" });
    expect(telemetry.boards.map(({ chipsExpected }) => chipsExpected)).toEqual([160, 160, 160]);
    expect(tera(telemetry.hashrate?.average?.value)).toBeCloseTo(184.007, 6);
    expect(telemetry.hashrate?.average?.window).toBe(975_000);
    expect(telemetry.controls.mode?.choices).toEqual([
      { name: "normal", frequency: 270, voltage: 11_800 },
      { name: "high performance", frequency: 329.25, voltage: 11_880 },
    ]);
  });

  test("reports what the supply and the boards complain about", async () => {
    const broken = A1566.replace("PS[0 ", "PS[66 ")
      .replace("POWS[0]", "POWS[1]")
      .replace("HASHS[0 0 0]", "HASHS[0 1 0]")
      .replace("ECHU[0 0 0]", "ECHU[513 512 7]")
      .replace("ECMM[0]", "ECMM[1]")
      .replace("In Work", "In Fault");
    const { read } = await serve({ estats: statsOf(broken) });
    const telemetry = await read();
    expect(telemetry.faults.map(({ code, component }) => `${component}: ${code}`)).toEqual([
      "supply: PS 2",
      "supply: PS 64",
      "supply: POWS 1",
      "board 0: ECHU 513",
      "board 2: ECHU 7",
      "board 1: HASHS 1",
      "controller: ECMM 1",
      "controller: In Fault",
    ]);
    expect(telemetry.activity?.value).toBe("stopped");
    expect(telemetry.setpoint.sleep).toBeUndefined();
  });
});

describe("gen 3", () => {
  test("Nano 3S: names no sensor that is not there, sleeps not without softoff", async () => {
    const { read } = await serve({
      estats: statsOf(NANO_3S),
      "ascset 0,help": help("voltage", "fan-spd", "workmode", "worklevel", "reboot", "target-temp"),
    });
    const telemetry = await read();
    expect(telemetry.temperature).toMatchObject({ chip: { value: 82 }, inlet: { value: 29 } });
    expect(telemetry.temperature?.outlet).toBeUndefined();
    // 27965 is no 279 V: another unit.
    expect(telemetry.boards[0]?.voltage).toBeUndefined();
    expect(telemetry.power).toMatchObject({ value: 66, basis: "psu" });
    expect(telemetry.setpoint).toMatchObject({
      mode: { value: "super" },
      temperatureOffset: { value: -2 },
    });
    expect(telemetry.controls.mode?.choices).toEqual([
      { name: "eco", tuned: true },
      { name: "standard", tuned: false },
      { name: "super", tuned: true, power: 140 },
    ]);
    expect(telemetry.controls.temperatureOffset).toMatchObject({ min: -40, max: 0 });
    expect(telemetry.limits).toBeUndefined();
    expect(Object.keys(telemetry.controls)).toEqual(["mode", "temperatureOffset", "reboot"]);
  });

  test("Q, asleep: rates of the past are kept apart from what is drawn", async () => {
    const { read } = await serve({ estats: statsOf(Q_IDLE, { key: "MM ID0:Summary" }) });
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("sleeping");
    expect(telemetry.setpoint.sleep?.value).toBe(true);
    expect(telemetry.power).toMatchObject({ value: 146, quality: "implausible" });
    expect(telemetry.temperature?.chip).toBeUndefined();
    expect(telemetry.temperature?.board?.value).toBe(27);
    expect(telemetry.fans.map(({ speed }) => speed?.value)).toEqual([0, 0, 0, 0]);
    expect(tera(telemetry.hashrate?.ideal?.value)).toBeCloseTo(55.03279, 6);
    // Without a list of options only what every build of it knows.
    expect(Object.keys(telemetry.controls)).toEqual(["mode", "reboot"]);
  });

  test("Q that waits for a pool was not put to sleep", async () => {
    const { read } = await serve({ estats: statsOf(Q_IDLE.replace("SoftOFF[4]", "SoftOFF[0]")) });
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("stopped");
    expect(telemetry.setpoint.sleep).toBeUndefined();
  });

  test("what help does not list is not offered, and what turns out unknown is withdrawn", async () => {
    const { session, read } = await serve({
      estats: statsOf(Q_IDLE, { key: "MM ID0:Summary", when: 1_753_430_000 }),
      "ascset 0,help": help("workmode", "softoff", "softon"),
      "ascset 0,softon,1:1753430005": statusOf(
        "E",
        120,
        "ASC 0 set failed: Unknown option: softon",
      ),
    });
    const telemetry = await read();
    expect(Object.keys(telemetry.controls)).toEqual(["mode", "sleep"]);
    await expect(session.write([{ knob: "sleep", value: false }], NEVER)).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(Object.keys((await read()).controls)).toEqual(["mode"]);
  });

  test("the time of the last share goes by the machine's clock", async () => {
    const pools =
      `${statusOf("S", 7, "2 Pool(s)", 17_592)}POOL=0,URL=a,User=b,Status=Alive,Last Share Time=17590,Stratum Active=true|` +
      "POOL=1,URL=c,User=d,Status=Dead,Last Share Time=0|";
    const { now, read } = await serve({ estats: statsOf(A1066), pools });
    const telemetry = await read();
    expect(telemetry.pools[0]?.lastShareAt).toBe(epochMs(now - 2000));
    expect(telemetry.pools[0]?.active).toBe(true);
    expect(telemetry.pools[1]).toEqual({ index: 1, url: "c", user: "d", status: "dead" });
    expect(telemetry.shares?.lastShareAt?.value).toBe(epochMs(now - 2000));
  });
});
