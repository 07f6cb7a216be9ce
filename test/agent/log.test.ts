import { describe, expect, test } from "vitest";
import { createEdges, createLog, type LogOptions } from "../../agent/log.ts";

function memoryLog(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  let time = 1_700_000_000_000;
  const log = createLog({
    level: "info",
    maxFileBytes: 65_536,
    maxFiles: 2,
    now: () => time,
    sink: { write: (line) => lines.push(line) },
    ...options,
  });
  return {
    log,
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
    text: () => lines.join(""),
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("a record", () => {
  test("has level, the time of the given clock, fields and message, and no more", () => {
    const { log, records, pass } = memoryLog();
    pass(1234.6);
    log.info({ device: "m1", watts: 3250 }, "read");
    expect(records()).toEqual([
      { level: 30, time: 1_700_000_001_235, device: "m1", watts: 3250, msg: "read" },
    ]);
  });

  test("below the level is not written", () => {
    const { log, records } = memoryLog({ level: "warn" });
    log.info("no");
    log.debug("no");
    log.warn("yes");
    expect(records().map(({ msg }) => msg)).toEqual(["yes"]);
  });

  test("of a child has the child's fields", () => {
    const { log, records } = memoryLog();
    log.child({ device: "m1" }).error({ err: new TypeError("odd") }, "bug");
    expect(records()[0]).toMatchObject({
      device: "m1",
      err: { type: "TypeError", message: "odd", stack: expect.stringContaining("log.test.ts") },
    });
  });

  test("survives what cannot be JSON", () => {
    const { log, records } = memoryLog();
    const loop: Record<string, unknown> = {};
    loop["loop"] = loop;
    log.info({ loop, big: 12n, none: undefined, not: Number.NaN }, "odd values");
    expect(records()).toHaveLength(1);
    expect(records()[0]).toMatchObject({ msg: "odd values", not: null });
  });

  test("keeps its line whatever the message holds", () => {
    const { log, text } = memoryLog();
    log.info({ said: 'line\nline\u0000"\u001b[2J' }, "a\nb\r\nc");
    expect(text().split("\n")).toHaveLength(2);
  });
});

describe("redaction", () => {
  const redact = ["mqtt.password", "devices[*].password", "devices[*].token"];
  const secret = "hunter2";

  test.each([
    ["the whole configuration", { mqtt: { password: secret }, devices: [{ password: secret }] }],
    ["the configuration in a field", { config: { mqtt: { password: secret } } }],
    ["a list in a field", { config: { devices: [{ id: "a", token: secret }] } }],
    ["one device", { device: { host: "h", password: secret } }],
    ["options at the top", { password: secret, token: secret }],
  ])("hides secrets in %s", (_, fields) => {
    const { log, text, records } = memoryLog({ redact });
    log.info(fields, "started");
    expect(text()).not.toContain(secret);
    expect(text()).toContain('"***"');
    expect(records()).toHaveLength(1);
  });

  test("hides secrets in the fields of a child and leaves the object alone", () => {
    const { log, text } = memoryLog({ redact });
    const options = { host: "h", password: secret };
    log.child({ options }).info("opened");
    expect(text()).not.toContain(secret);
    expect(options.password).toBe(secret);
  });

  test("hides nothing else", () => {
    const { log, records } = memoryLog({ redact });
    log.info({ device: { host: "h" }, mqtt: { url: "mqtt://b" } }, "started");
    expect(records()[0]).toMatchObject({ device: { host: "h" }, mqtt: { url: "mqtt://b" } });
  });
});

describe("edges", () => {
  test("a condition is told when it begins and when it ends, with how long and how often", () => {
    const { log, now, pass, records } = memoryLog();
    const edges = createEdges(log, now);
    expect(edges.raise("m1 link", { device: "m1", code: "NO_REPLY" }, "no answer")).toBe(true);
    pass(10_000);
    expect(edges.raise("m1 link", { device: "m1", code: "NO_REPLY" }, "no answer")).toBe(false);
    expect(edges.active.get("m1 link")).toEqual({ since: 1_700_000_000_000, times: 2 });
    pass(50_000);
    expect(edges.clear("m1 link", { device: "m1" }, "answers again")).toBe(true);
    expect(edges.clear("m1 link", { device: "m1" }, "answers again")).toBe(false);
    expect(records()).toEqual([
      {
        level: 40,
        time: 1_700_000_000_000,
        device: "m1",
        code: "NO_REPLY",
        condition: "m1 link",
        edge: "triggered",
        msg: "no answer",
      },
      {
        level: 30,
        time: 1_700_000_060_000,
        device: "m1",
        condition: "m1 link",
        edge: "resolved",
        durationMs: 60_000,
        times: 2,
        msg: "answers again",
      },
    ]);
    expect(edges.active.size).toBe(0);
  });

  test("what never held is not told to have ended", () => {
    const { log, now, records } = memoryLog();
    expect(createEdges(log, now).clear("x", {}, "fine")).toBe(false);
    expect(records()).toEqual([]);
  });

  test("a condition that comes back is told again", () => {
    const { log, now, records } = memoryLog();
    const edges = createEdges(log, now);
    for (let round = 0; round < 3; round += 1) {
      edges.raise("x", {}, "on");
      edges.clear("x", {}, "off");
    }
    expect(records().map(({ msg }) => msg)).toEqual(["on", "off", "on", "off", "on", "off"]);
  });

  test("conditions of a device that is gone are forgotten without a word", () => {
    const { log, now, records } = memoryLog();
    const edges = createEdges(log, now);
    edges.raise("m1 link", {}, "a");
    edges.raise("m1 heat", {}, "b");
    edges.raise("m2 link", {}, "c");
    edges.forget("m1 ");
    expect([...edges.active.keys()]).toEqual(["m2 link"]);
    expect(records()).toHaveLength(3);
  });
});
