import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nextDelay } from "../../../agent/report/backoff.ts";
import { openBirthSequence } from "../../../agent/report/birth-sequence.ts";
import { readCommand } from "../../../agent/report/command.ts";
import { DATATYPES } from "../../../agent/report/sparkplug/datatype.ts";
import { encodePayload } from "../../../agent/report/sparkplug/payload.ts";
import { formatTopic, parseTopic } from "../../../agent/report/sparkplug/topic.ts";
import { parseUrl } from "../../../agent/report/stream.ts";

describe("nextDelay", () => {
  const bounds = { min: 1, max: 60 };

  it("spreads evenly from the minimum to a ceiling that doubles up to the maximum", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 1000].map((failures) =>
      nextDelay(failures, bounds, () => 1),
    );
    expect(ceilings).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(nextDelay(9, bounds, () => 0)).toBe(1000);
    expect(nextDelay(9, bounds, () => 0.5)).toBe(30_500);
  });

  it("never falls below a minimum that is above the maximum", () => {
    expect(nextDelay(3, { min: 90, max: 60 }, () => 0.5)).toBe(90_000);
  });
});

describe("birth sequence", () => {
  const lines: string[] = [];
  const log = (level: string, message: string) => void lines.push(`${level}: ${message}`);
  const file = () => join(mkdtempSync(join(tmpdir(), "nock-bdseq-")), "bd-seq");

  it("starts at 0 and goes on after a restart", () => {
    const path = file();
    const first = openBirthSequence(path, log);
    expect([first.next(), first.next()]).toEqual([0, 1]);
    expect(openBirthSequence(path, log).next()).toBe(2);
    expect(readFileSync(path, "utf8")).toBe("2\n");
    expect(lines).toEqual([]);
  });

  it("goes from 255 to 0", () => {
    const path = join(mkdtempSync(join(tmpdir(), "nock-bdseq-")), "bd-seq");
    writeFileSync(path, "254\n");
    const sequence = openBirthSequence(path, log);
    expect([sequence.next(), sequence.next(), sequence.next()]).toEqual([255, 0, 1]);
  });

  it.each(["", "-1", "256", "7; rm", "\0\0\0"])(
    "starts at 0 after a damaged file (%j), loudly",
    (text) => {
      const path = join(mkdtempSync(join(tmpdir(), "nock-bdseq-")), "bd-seq");
      writeFileSync(path, text);
      lines.length = 0;
      expect(openBirthSequence(path, log).next()).toBe(0);
      expect(lines).toEqual(["warn: birth sequence file is damaged: starting at 0"]);
    },
  );

  it("goes on in memory where nothing can be written, and says so once", () => {
    lines.length = 0;
    const sequence = openBirthSequence(join(tmpdir(), "nock-no-such-folder", "bd-seq"), log);
    expect([sequence.next(), sequence.next()]).toEqual([0, 1]);
    expect(lines).toEqual(["warn: birth sequence is not kept across restarts"]);
  });
});

describe("topics", () => {
  it("reads what it writes", () => {
    const device = { group: "Anlage Süd", type: "DDATA", node: "gw 1", device: "m-7" } as const;
    expect(formatTopic(device)).toBe("spBv1.0/Anlage Süd/DDATA/gw 1/m-7");
    expect(parseTopic(formatTopic(device))).toEqual(device);
    expect(parseTopic("spBv1.0/a/NBIRTH/b")).toEqual({ group: "a", type: "NBIRTH", node: "b" });
  });

  it.each([
    "spBv1.0/STATE/host",
    "spAv1.0/a/NBIRTH/b",
    "spBv1.0/a/NBIRTH/b/c",
    "spBv1.0/a/DBIRTH/b",
    "spBv1.0/a/DBIRTH/b/c/d",
    "spBv1.0//NBIRTH/b",
    "spBv1.0/a/DBIRTH/b/",
    "",
  ])("does not read %j", (topic) => {
    expect(parseTopic(topic)).toBeUndefined();
  });
});

describe("readCommand", () => {
  const rebirth = (value: boolean) =>
    encodePayload({
      metrics: [
        {
          name: "Node Control/Rebirth",
          datatype: DATATYPES.Boolean,
          value: { field: "boolean", value },
        },
      ],
    });
  const node = "spBv1.0/g/NCMD/n";

  it("obeys a rebirth of the node alone", () => {
    expect(readCommand(node, rebirth(true))).toEqual({ kind: "rebirth" });
    expect(readCommand(node, rebirth(false)).kind).toBe("unknown");
    expect(readCommand("spBv1.0/g/DCMD/n/d", rebirth(true)).kind).toBe("unknown");
  });

  it("names what it does not know", () => {
    const payload = encodePayload({ metrics: [{ name: "Sleep" }, { alias: 7 }] });
    expect(readCommand(node, payload)).toEqual({ kind: "unknown", detail: "Sleep, alias 7" });
  });

  it("survives rubbish", () => {
    expect(readCommand(node, Buffer.from([0xff])).kind).toBe("malformed");
    expect(readCommand("nonsense", rebirth(true)).kind).toBe("malformed");
  });
});

describe("parseUrl", () => {
  it.each([
    ["mqtt://broker", { host: "broker", port: 1883, secure: false }],
    ["mqtts://broker", { host: "broker", port: 8883, secure: true }],
    ["mqtt://[::1]:2000", { host: "::1", port: 2000, secure: false }],
  ])("reads %s", (url, endpoint) => {
    expect(parseUrl(url)).toEqual(endpoint);
  });

  it.each(["broker:1883", "http://broker", "mqtt://", "mqtt://u:hunter2@broker", "mqtt://b:99999"])(
    "refuses %s without telling a password",
    (url) => {
      let message = "";
      try {
        parseUrl(url);
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/^RangeError: mqtt\.url: expected mqtt:\/\//);
      expect(message).not.toContain("hunter2");
    },
  );
});
