import { describe, expect, test } from "vitest";
import { type ConfigError, checkConfig, formatErrors } from "../../config/check.ts";

function errorsOf(text: string | Uint8Array): readonly ConfigError[] {
  const checked = checkConfig(text);
  if (checked.ok) throw new Error("the text passes the check");
  return checked.errors;
}

function configOf(text: string) {
  const checked = checkConfig(text);
  if (!checked.ok) throw new Error(formatErrors(checked.errors, "test"));
  return checked.config;
}

const summary = (text: string | Uint8Array) =>
  errorsOf(text).map(({ path, line, column, message }) => `${line}:${column} ${path}: ${message}`);

describe("a valid text", () => {
  test("has every default filled in", () => {
    expect(configOf("devices: [{ id: a, driver: luxos, host: 10.0.0.1 }]")).toMatchObject({
      agent: { site: "site", stateDir: "/var/lib/nockd" },
      log: { level: "info", maxFileBytes: 1_048_576, maxFiles: 4 },
      polling: { intervalSeconds: 10, maxIntervalSeconds: 300 },
      tuning: { mode: "suggest", objective: "efficiency", hashrateFloor: 0.9, minGain: 0.001 },
      safety: { boardMaxCelsius: 75, hashRatioFloor: 0.985, crashesPerDay: 3 },
      devices: [{ id: "a", driver: "luxos", host: "10.0.0.1", port: 4028, enabled: true }],
    });
  });

  test("has no key that was neither written nor has a default", () => {
    const config = configOf("{}");
    expect("mqtt" in config).toBe(false);
    expect("powerMaxWatts" in config.safety).toBe(false);
    expect("file" in config.log).toBe(false);
  });

  test("may be JSON, in one long line", () => {
    const devices = Array.from({ length: 200 }, (_, index) => ({
      id: `m${index}`,
      driver: "luxos",
      host: `10.0.0.${index}`,
    }));
    expect(configOf(JSON.stringify({ devices })).devices).toHaveLength(200);
  });

  test("may begin with a byte order mark and have CRLF lines", () => {
    expect(configOf("\uFEFFagent:\r\n  site: x\r\n").agent.site).toBe("x");
  });

  test("may be bytes in UTF-8", () => {
    const checked = checkConfig(Buffer.from("agent: { stateDir: /var/lib/nöck }"));
    expect(checked.ok && checked.config.agent.stateDir).toBe("/var/lib/nöck");
  });

  test("may share values by anchors and merges", () => {
    const { devices } = configOf(
      [
        "devices:",
        "  - &first { id: a, driver: luxos, host: h1, tuning: { mode: act } }",
        "  - { <<: *first, id: b, host: h2 }",
      ].join("\n"),
    );
    expect(devices[1]).toMatchObject({ id: "b", host: "h2", tuning: { mode: "act" } });
  });
});

describe("errors", () => {
  test("all come at once, in the order of the file, whatever else is wrong", () => {
    const text = [
      "agent: { id: a b, sites: x }",
      "log:",
      "polling: { intervalSeconds: 400 }",
      "safety: { chipSoftCelsius: 96 }",
      "devices:",
      "  - { id: A, driver: luxos, host: h }",
      "  - { id: a, driver: luxos, host: H, prot: 1 }",
      "  - { id: b, driver: luxoss, host: x }",
      "  - { driver: luxos, host: y, port: '4028' }",
      "  - { id: c, driver: luxos, host: z, port: 1.5, deadlineSeconds: .nan, enabled: yes }",
      "  - { id: d, driver: luxos, host: q, safety: { chipMaxCelsius: 50 } }",
      "  -",
    ].join("\n");
    expect(summary(text)).toEqual([
      "1:14 agent.id: has the wrong form",
      "1:19 agent.sites: unknown key; did you mean site?",
      "2:5 log: is empty: give it a value or remove the key",
      "3:29 polling.intervalSeconds: must be at most maxIntervalSeconds (300)",
      "4:28 safety.chipSoftCelsius: must be below chipMaxCelsius (95)",
      "7:11 devices[1].id: is also the id of devices[0]",
      "7:35 devices[1].host: is also the host of devices[0], with the same ports",
      "7:38 devices[1].prot: unknown key; did you mean port?",
      '8:22 devices[2].driver: is unknown; did you mean "luxos"?',
      "9:5 devices[3].id: is missing",
      "9:37 devices[3].port: is text: write the number without quotes and unit",
      "10:44 devices[4].port: is not a whole number",
      "10:66 devices[4].deadlineSeconds: is not a finite number",
      "10:81 devices[4].enabled: is the wrong kind of value",
      "11:46 devices[5].safety.chipSoftCelsius: must be below chipMaxCelsius (50)",
      "12:4 devices[6]: is empty: give it a value or remove the key",
    ]);
  });

  test("name value and expectation", () => {
    expect(errorsOf("polling: { intervalSeconds: 9999 }")[0]).toEqual({
      path: "polling.intervalSeconds",
      line: 1,
      column: 29,
      value: "9999",
      expected: "a number from 0.05 to 3600 s",
      message: "is above 3600",
    });
  });

  test("an unknown driver lists the known ones", () => {
    const [error] = errorsOf("devices: [{ id: a, driver: toaster, host: h }]");
    expect(error?.expected).toMatch(/"luxos".*"whatsminer".* or ".*"/);
    expect(error?.message).toBe("is unknown");
  });

  test("a missing driver lists the known ones", () => {
    const [error] = errorsOf("devices: [{ id: a, host: h }]");
    expect(error).toMatchObject({ path: "devices[0].driver", line: 1, message: "is missing" });
    expect(error?.expected).toContain('"luxos"');
  });

  test("an unknown key lists the known ones", () => {
    const [error] = errorsOf("log: { colour: red }");
    expect(error?.expected).toBe("one of the keys level, file, maxFileBytes, maxFiles");
    expect(error?.message).toBe("unknown key");
    expect(error && "value" in error).toBe(false);
  });

  test("of values that came by an alias are told where the alias is", () => {
    const text = "devices:\n- &a { id: a, driver: luxos, host: h, port: 0 }\n- *a\n";
    expect(errorsOf(text).map(({ path, line }) => `${line} ${path}`)).toContain(
      "2 devices[0].port",
    );
    expect(errorsOf(text).map(({ path }) => path)).toContain("devices[1].port");
  });

  test.each([
    ["nothing", "", "the file is empty"],
    ["comments only", "# nothing\n", "the file is empty"],
    ["a list", "- a\n", "is the wrong kind of value"],
    ["a word", "hello\n", "is the wrong kind of value"],
  ])("%s is no configuration", (_, text, message) => {
    expect(errorsOf(text)).toMatchObject([{ path: "", line: 1, message }]);
  });

  test("are one line each for people", () => {
    const errors = errorsOf("log: { level: inof }\npolling: { intervalSeconds: 0 }\n");
    expect(formatErrors(errors, "nockd.yaml")).toBe(
      [
        'nockd.yaml:1:15: log.level: "inof" is unknown; did you mean "info"? (expected: "trace", "debug", "info", "warn", "error" or "fatal")',
        "nockd.yaml:2:29: polling.intervalSeconds: 0 is below 0.05 (expected: a number from 0.05 to 3600 s)",
      ].join("\n"),
    );
  });
});

describe("values that YAML reads otherwise than people", () => {
  test.each([
    ["a password of digits", "mqtt: { url: mqtt://b, password: 1234 }", "mqtt.password"],
    ["a version of one digit", "mqtt: { url: mqtt://b, version: 5 }", "mqtt.version"],
    ["a name of digits", "agent: { id: 7 }", "agent.id"],
    ["a name that is true", "agent: { id: true }", "agent.id"],
  ])("%s needs quotes", (_, text, path) => {
    expect(errorsOf(text)).toMatchObject([
      { path, message: "is not text here: write it in quotes" },
    ]);
  });

  test("a number with a unit is text", () => {
    expect(errorsOf("polling: { intervalSeconds: 10s }")[0]?.message).toBe(
      "is text: write the number without quotes and unit",
    );
  });

  test.each([".inf", "-.inf", ".nan", "1e400"])("%s is no number", (value) => {
    expect(errorsOf(`polling: { maxIntervalSeconds: ${value} }`)).toHaveLength(1);
  });
});

describe("what spans keys", () => {
  const broker = "mqtt: { url: mqtt://b, ";
  test.each([
    ["polling: { intervalSeconds: 5, maxIntervalSeconds: 3 }", "polling.maxIntervalSeconds"],
    [`${broker} reconnectMinSeconds: 90 }`, "mqtt.reconnectMinSeconds"],
    [`${broker} reconnectMinSeconds: 9, reconnectMaxSeconds: 8 }`, "mqtt.reconnectMaxSeconds"],
    [`${broker} certFile: a.pem }`, "mqtt.certFile"],
    [`${broker} keyFile: a.key }`, "mqtt.keyFile"],
    ["safety: { chipMaxCelsius: 80 }", "safety.chipSoftCelsius"],
    ["safety: { hashRatioRevert: 0.99 }", "safety.hashRatioRevert"],
    ["tuning: { trialMinutes: 14 }", "tuning.trialMinutes"],
    ["tuning: { levers: [voltage, fan, voltage] }", "tuning.levers[2]"],
  ])("%s is wrong at %s", (text, path) => {
    expect(errorsOf(text).map((error) => error.path)).toEqual([path]);
  });

  test.each([
    `${broker} certFile: a.pem, keyFile: a.key }`,
    `${broker} reconnectMinSeconds: 60 }`,
    "polling: { intervalSeconds: 300 }",
    "safety: { chipMaxCelsius: 80, chipSoftCelsius: 75 }",
    "safety: { hashRatioRevert: 0.985 }",
    "tuning: { trialMinutes: 15 }",
  ])("%s is right", (text) => {
    expect(checkConfig(text).ok).toBe(true);
  });

  test("a device's overrides are checked together with what they override", () => {
    const text = [
      "safety: { chipMaxCelsius: 70, chipSoftCelsius: 60 }",
      "devices:",
      "  - { id: a, driver: luxos, host: h, safety: { chipSoftCelsius: 75 } }",
      "  - { id: b, driver: luxos, host: i, safety: { chipMaxCelsius: 65 } }",
      "  - { id: c, driver: luxos, host: j, tuning: { levers: [fan, fan] } }",
    ].join("\n");
    expect(errorsOf(text).map(({ path }) => path)).toEqual([
      "devices[0].safety.chipSoftCelsius",
      "devices[2].tuning.levers[1]",
    ]);
  });

  test("a wrong policy is told once, not for every device", () => {
    const text = [
      "safety: { chipMaxCelsius: 70 }",
      "devices:",
      "  - { id: a, driver: luxos, host: h }",
      "  - { id: b, driver: luxos, host: i, safety: { crashesPerDay: 2 } }",
    ].join("\n");
    expect(errorsOf(text).map(({ path }) => path)).toEqual(["safety.chipSoftCelsius"]);
  });

  test("two entries for one machine: only one may be enabled, other ports are other machines", () => {
    const entries = (second: string) =>
      `devices:\n- { id: a, driver: luxos, host: Miner }\n- { id: b, driver: luxos, host: miner${second} }\n`;
    expect(errorsOf(entries("")).map(({ path }) => path)).toEqual(["devices[1].host"]);
    expect(checkConfig(entries(", enabled: false")).ok).toBe(true);
    expect(checkConfig(entries(", port: 4029")).ok).toBe(true);
    expect(errorsOf(entries(", port: 4028")).map(({ path }) => path)).toEqual(["devices[1].host"]);
  });

  test("an id may not be taken twice by a disabled device either", () => {
    const text =
      "devices:\n- { id: a, driver: luxos, host: h }\n- { id: A, driver: luxos, host: i, enabled: false }\n";
    expect(errorsOf(text).map(({ path }) => path)).toEqual(["devices[1].id"]);
  });
});

describe("secrets", () => {
  const secret = "hunter22";
  test.each([
    ["of the wrong kind", `mqtt: { url: mqtt://b, password: [${secret}] }`],
    ["in the broker's address", `mqtt: { url: "mqtt://me:${secret}@b" }`],
    ["under a mistyped key", `mqtt: { url: mqtt://b, pasword: ${secret} }`],
    ["with an odd rest", `mqtt:\n  password: "${secret}" ${secret}\n`],
    ["with a colon", `mqtt:\n  password: x: ${secret}: ${secret}\n`],
    ["like an alias", `mqtt:\n  password: *${secret}\n`],
    ["like a tag", `mqtt:\n  password: !${secret} x\n`],
    ["like an anchor twice", `mqtt:\n  password: &${secret} &${secret} x\n`],
    ["in a broken quote", `mqtt:\n  password: "${secret}\\q"\n  url: "x\n`],
    ["as a key", `mqtt:\n  password: { ${secret}: 1 }\n`],
    ["of a device", `devices: [{ id: a, driver: antminer, host: h, password: { ${secret}: 1 } }]`],
    ["of a device, number", "devices: [{ id: a, driver: antminer, host: h, password: 8472916 }]"],
  ])("%s are not in the errors", (_, text) => {
    const told = JSON.stringify(errorsOf(text)) + formatErrors(errorsOf(text), "f");
    expect(told).not.toContain(secret);
    expect(told).not.toContain("8472916");
  });

  test("are shown as ***", () => {
    expect(errorsOf("mqtt: { url: mqtt://b, password: 1234 }")[0]?.value).toBe("***");
  });
});
