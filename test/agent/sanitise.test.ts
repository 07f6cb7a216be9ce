import { describe, expect, test } from "vitest";
import { Mask } from "../../agent/cli/mask.ts";
import { Sanitiser } from "../../agent/cli/sanitise.ts";
import { secretKind } from "../../agent/cli/secret-keys.ts";

const KEY = Buffer.alloc(32, 7);

function clean(text: string, ...others: string[]): string {
  const sanitiser = new Sanitiser([], "", new Mask(KEY));
  for (const each of [text, ...others]) sanitiser.learn(each);
  return sanitiser.mask(text);
}

describe("a mask", () => {
  test("keeps a MAC a MAC, in its writing, and one for all writings", () => {
    const mask = new Mask(KEY);
    expect(mask.of("mac", "C8:11:05:00:53:01")).toMatch(/^02(?::[0-9A-F]{2}){5}$/);
    const colons = mask.of("mac", "c8:11:05:0a:53:01");
    expect(mask.of("mac", "c811050a5301")).toBe(colons.replaceAll(":", ""));
    expect(mask.of("mac", "C8-11-05-0A-53-01")).toBe(colons.toUpperCase().replaceAll(":", "-"));
    expect(mask.of("mac", "c8: 11:05: 0a:53:01")).toHaveLength("c8: 11:05: 0a:53:01".length);
  });

  test("keeps length and kind of letters of a serial, and tells two apart", () => {
    const mask = new Mask(KEY);
    const serials = Array.from({ length: 10 }, (_, index) => `HB-SIM-${index}`);
    const masked = serials.map((serial) => mask.of("text", serial));
    expect(new Set(masked).size).toBe(10);
    for (const each of masked) expect(each).toMatch(/^[A-Z]{2}-[A-Z]{3}-\d$/);
  });

  test("says nothing of a password, not even its length", () => {
    expect(new Mask(KEY).of("secret", "a")).toBe(new Mask(KEY).of("secret", "longer word"));
  });

  test("leaves escapes as they are and a number a number", () => {
    const mask = new Mask(KEY);
    expect(mask.of("text", "a\\/b\\\\c%40d")).toMatch(/^[a-z]\\\/[a-z]\\\\[a-z]%40[a-z]$/);
    expect(JSON.parse(`"${mask.of("text", "\\u00f1x")}"`)).toHaveLength(2);
    for (let n = 100_000; n < 100_200; n += 1) expect(mask.of("text", `${n}`)).toMatch(/^[1-9]/);
  });

  test("differs from capture to capture", () => {
    expect(new Mask().of("text", "SERIAL000001")).not.toBe(new Mask().of("text", "SERIAL000001"));
  });
});

describe("the sanitiser", () => {
  test.each([
    ['{"user":"wallet.rig7","pass":"word"}', ["wallet", "rig7", "word"]],
    ['{"HBSerialNo": ["HB1234567","HB7654321"]}', ["HB1234567", "HB7654321"]],
    ['{"serial":20230405999}', ["20230405999"]],
    ["POOL=0,URL=stratum+tcp://eu.pool.example:3333,User=farm.rig7|", ["eu.pool", "farm", "rig7"]],
    ["Ver[A1] DNA[0201000011112222] MAC[b4a2eb31ab01]", ["0201000011112222", "b4a2eb31ab01"]],
    ["username=root7&word=pw7word&yuyan=1", ["root7", "pw7word"]],
    ["/user/login?username=root7&password=pw7word", ["root7", "pw7word"]],
    ['Digest realm="antMiner", nonce="5f0aa1b2c3d4", opaque="99ee77"', ["5f0aa1b2c3d4", "99ee77"]],
    ['{"url":"stratum+tcp:\\/\\/eu.pool.example:3333"}', ["eu.pool", "example"]],
    ['{"url":"stratum+tcp://name:word9@eu.pool.example:3333"}', ["name", "word9", "eu.pool"]],
    ["payout to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq now", ["bc1qar0"]],
    ["payout to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 now", ["1BvBMSEYst"]],
    ["mail to someone@farm.example", ["someone", "farm.example"]],
    ["at 192.168.7.20 and fe80::a2b0:45ff:fe00:04b2", ["192.168.7.20", "fe80::a2b0"]],
    ['<input name="password" value="pw7word">', ["pw7word"]],
  ])("masks %s", (text, secrets) => {
    const masked = clean(text);
    for (const secret of secrets) expect(masked).not.toContain(secret);
    if (text.startsWith("{"))
      expect(Object.keys(JSON.parse(masked))).toEqual(Object.keys(JSON.parse(text)));
  });

  test.each([
    '{"model":"Antminer S19","Miner":"49.0.1.3","ver":"1.0.2.3","hardwareversion":"EBAZ-11-1.1.1.1"}',
    '{"user":"","password":"x","serial":"N/A","mac":"00:00:00:00:00:00","netmask":"255.255.255.0"}',
    '{"Getworks":12345678,"Elapsed":1234567,"workmode":"2","Hash":"HASHS[0 1 2]"}',
    "STATUS=S,When=1700000000,Code=11,Msg=Summary,Description=cgminer 4.11.1|",
    '{"temps/chip":[55.5,60.25],"chip_id":"BM1366","board_name":"BHB42601"}',
  ])("leaves %s", (text) => {
    expect(clean(text)).toBe(text);
  });

  test("masks what another text told, in any writing, and the same everywhere", () => {
    const title = "<title>rack7-miner12 b4a2eb31ab01 SN20230405X</title>";
    const told = '{"hostname":"rack7-miner12","mac":"B4:A2:EB:31:AB:01","sn":"SN20230405X"}';
    const masked = clean(title, told);
    expect(masked).toMatch(
      /^<title>[a-z]{4}\d-[a-z]{5}\d\d 02[0-9a-f]{10} [A-Z]{2}\d{8}[A-Z]<\/title>$/,
    );
    const [, host = ""] = /<title>(\S+)/.exec(masked) ?? [];
    const sanitiser = new Sanitiser([], "", new Mask(KEY));
    sanitiser.learn(title);
    sanitiser.learn(told);
    sanitiser.mask(title);
    expect(JSON.parse(sanitiser.mask(told)).hostname).toBe(host);
  });

  test("masks a password of the configuration wherever it stands", () => {
    const sanitiser = new Sanitiser(["Farm-Word-1"], "miner-7.farm.lan");
    expect(sanitiser.mask("x Farm-Word-1 y miner-7.farm.lan")).not.toMatch(/Farm-Word|miner-7/);
  });

  test("leaves the names that drivers need, should a machine be called so", () => {
    const sanitiser = new Sanitiser([], "", new Mask(KEY));
    sanitiser.learn('{"hostname":"AntminerS19"}');
    sanitiser.spare("Bitmain AntminerS19 Pro");
    const masked = sanitiser.mask('{"hostname":"AntminerS19","type":"AntminerS19"}');
    expect(masked).toContain('"type":"AntminerS19"');
    expect(masked).not.toContain('"hostname":"AntminerS19"');
  });

  test("brings every byte out again that is no secret", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const text = bytes.toString("latin1");
    expect(Buffer.from(clean(text), "latin1")).toEqual(bytes);
  });
});

test("names of all vendors are known for what they carry", () => {
  const kinds = (...keys: string[]) => new Set(keys.map(secretKind));
  expect(kinds("macaddr", "MACAddr", "mac_address", "MAC", "macAddr")).toEqual(new Set(["mac"]));
  expect(
    kinds(
      "sn",
      "PCB SN",
      "0SN",
      "minersn",
      "powersn",
      "pcbsn2",
      "miner-sn",
      "crtl_sn",
      "SerialNo",
      "serinum",
      "Miner Serial Number",
      "cpuSerial",
      "DNA",
    ),
  ).toEqual(new Set(["serial"]));
  expect(
    kinds("pass", "passwd1", "mpassword3", "pw", "pwd", "stratumPassword", "wifiPass"),
  ).toEqual(new Set(["password"]));
  expect(
    kinds(
      "User",
      "stratumUser",
      "login",
      "worker",
      "worker2",
      "Mwork1",
      "Current User",
      "account",
      "wallet",
    ),
  ).toEqual(new Set(["user"]));
  expect(kinds("token", "JWT Token", "access_token", "newsalt", "SessionID", "jwt")).toEqual(
    new Set(["token"]),
  );
  expect(
    kinds(
      "Getworks",
      "workmode",
      "model",
      "type",
      "firmware",
      "IsUserShutdown",
      "Passed",
      "Session Time",
      "PSUHwVersion",
    ),
  ).toEqual(new Set([undefined]));
});
