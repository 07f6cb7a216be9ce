import { describe, expect, test } from "vitest";
import { createLog } from "../../agent/log.ts";
import { checkConfig, formatErrors } from "../../config/check.ts";
import { unmatchedPatterns } from "../../config/credentials.ts";
import { type DeviceConfig, driverOptions } from "../../config/schema.ts";
import { secretPaths } from "../../config/secrets.ts";

function devicesOf(text: string): readonly DeviceConfig[] {
  const checked = checkConfig(text);
  if (!checked.ok) throw new Error(formatErrors(checked.errors, "test.yaml"));
  return checked.config.devices;
}

function errorsOf(text: string): string {
  const checked = checkConfig(text);
  return checked.ok ? "" : formatErrors(checked.errors, "test.yaml");
}

/** Of one Antminer at 10.0.1.7 with the id hall-2-7. */
function passwordBy(match: string): string | undefined {
  const [device] = devicesOf(`
credentials: [{ match: ${JSON.stringify(match)}, password: found }]
devices: [{ id: hall-2-7, driver: antminer, host: 10.0.1.7 }]
`);
  return device !== undefined && "password" in device ? device.password : undefined;
}

describe("a pattern", () => {
  test.each([
    "antminer",
    "10.0.1.7",
    "10.0.1.*",
    "10.0.*",
    "10.0.1.?",
    "10.0.0.0/22",
    "10.0.1.7/32",
    "0.0.0.0/0",
    "hall-2-*",
    "HALL-2-7",
    "*",
  ])("%s matches", (match) => {
    expect(passwordBy(match)).toBe("found");
  });

  test.each(["whatsminer", "10.0.1.70", "10.0.2.*", "10.0.4.0/22", "hall-1-*", "hall", "10a0b1c7"])(
    "%s does not",
    (match) => {
      expect(passwordBy(match)).toBeUndefined();
    },
  );

  test.each([
    "",
    "10.0.0.0/33",
    "10.0.300.0/24",
    "10.0.1/24",
    "10.0.1.300",
    "10.0.1",
    "hall 2",
    "a(b",
  ])("%s is an error with field, value and what was expected", (match) => {
    const errors = errorsOf(
      `credentials: [{ match: ${JSON.stringify(match)}, password: hunter22 }]`,
    );
    expect(errors).toContain(`credentials[0].match: ${JSON.stringify(match)} `);
    expect(errors).toContain("expected: a driver (luxos, ");
    expect(errors).not.toContain("hunter22");
  });
});

test("the first rule that matches holds, and what the device gives goes before", () => {
  const devices = devicesOf(`
credentials:
  - { match: 10.0.1.*, username: hall, password: one }
  - { match: antminer, username: all, password: two }
devices:
  - { id: a, driver: antminer, host: 10.0.1.1 }
  - { id: b, driver: antminer, host: 10.0.2.1 }
  - { id: c, driver: antminer, host: 10.0.1.2, password: own }
  - { id: d, driver: antminer, host: 10.0.1.3, username: own, password: own }
`);
  const given = devices.map(driverOptions);
  expect(given).toMatchObject([
    { username: "hall", password: "one" },
    { username: "all", password: "two" },
    { username: "hall", password: "own" },
    { username: "own", password: "own" },
  ]);
});

test("a driver gets only the keys that it has", () => {
  const [bitaxe, vnish] = devicesOf(`
credentials: [{ match: "*", username: root, password: secret }]
devices:
  - { id: a, driver: bitaxe, host: 10.0.1.1 }
  - { id: b, driver: vnish, host: 10.0.1.2 }
`);
  expect(bitaxe).not.toHaveProperty("password");
  expect(vnish).toMatchObject({ password: "secret" });
  expect(vnish).not.toHaveProperty("username");
});

test("what does not fit a device is told once, at the rule, without the secret", () => {
  const long = "hunter22".repeat(10);
  const text = `
credentials: [{ match: whatsminer, username: root, password: ${long} }]
devices:
  - { id: a, driver: whatsminer, host: 10.0.1.1 }
  - { id: b, driver: whatsminer, host: 10.0.1.2 }
`;
  const errors = errorsOf(text).split("\n");
  expect(errors).toHaveLength(2);
  expect(errors[0]).toMatch(
    /^test\.yaml:2:\d+: credentials\[0\]\.username: "root" does not fit device "a".*expected: "super", /,
  );
  expect(errors[1]).toMatch(/credentials\[0\]\.password: \*\*\* does not fit device "a"/);
  expect(errors.join("")).not.toContain("hunter22");
});

test("a rule needs a password and knows no other key", () => {
  const errors = errorsOf("credentials: [{ match: antminer, pasword: hunter22 }]");
  expect(errors).toContain("credentials[0].password: is missing");
  expect(errors).toContain("credentials[0].pasword: unknown key; did you mean password?");
  expect(errors).not.toContain("hunter22");
});

test("no log line has a rule's password", () => {
  expect(secretPaths()).toContain("credentials[*].password");
  const checked = checkConfig(`
credentials: [{ match: antminer, password: hunter22 }]
devices: [{ id: a, driver: antminer, host: 10.0.1.1 }]
`);
  if (!checked.ok) throw new Error("no configuration");
  const lines: string[] = [];
  const log = createLog({
    ...checked.config.log,
    redact: secretPaths(),
    now: () => 0,
    sink: { write: (line) => lines.push(line) },
  });
  log.info({ config: checked.config }, "started");
  log.info({ device: checked.config.devices[0] }, "opened");
  log.info(checked.config, "all");
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("hunter22");
});

test("a pattern that matches no listed device is named; one whose device has its own password is not", () => {
  const rules = ["10.0.1.*", "hall-1-*", "whatsminer", "antminer"].map((match) => ({
    match,
    password: "p",
  }));
  const devices = devicesOf(`
devices:
  - { id: hall-2-7, driver: antminer, host: 10.0.1.7, password: own }
  - { id: hall-2-8, driver: antminer, host: 10.0.2.8, enabled: false }
`);
  expect(unmatchedPatterns(rules, devices)).toEqual(["hall-1-*", "whatsminer"]);
  expect(unmatchedPatterns(rules, [])).toEqual([]);
});
