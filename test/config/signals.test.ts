import { describe, expect, test } from "vitest";
import { checkConfig } from "../../config/check.ts";
import { parseSignalsFile, signalsAt, signalsSection } from "../../config/signals.ts";

const at = (text: string): number => Date.parse(text);
const section = (value: object) => signalsSection.parse(value);

describe("what holds at a moment", () => {
  test("static values, then windows, then the file", () => {
    const config = section({
      hashpricePerThDay: 0.05,
      tariffPerKwh: 0.06,
      windows: [{ from: "17:00", to: "20:00", tariffPerKwh: 0.3 }],
    });
    const { intervals } = parseSignalsFile(
      '[{"from":"2026-11-24T18:00:00Z","to":"2026-11-24T19:00:00+00:00","tariffPerKwh":-0.01,"powerShare":0.5}]',
    ) as Extract<ReturnType<typeof parseSignalsFile>, { ok: true }>;
    const tell = (time: string) => signalsAt(config, intervals, at(`2026-11-24T${time}Z`));
    expect(tell("16:59:59")).toEqual({ hashpricePerThDay: 0.05, tariffPerKwh: 0.06 });
    expect(tell("17:00:00")).toEqual({ hashpricePerThDay: 0.05, tariffPerKwh: 0.3 });
    expect(tell("18:00:00")).toEqual({
      hashpricePerThDay: 0.05,
      tariffPerKwh: -0.01,
      powerShare: 0.5,
    });
    expect(tell("19:00:00").tariffPerKwh).toBe(0.3);
    expect(tell("20:00:00").tariffPerKwh).toBe(0.06);
  });

  test("a window over midnight belongs to the day on which it begins", () => {
    const config = section({
      windows: [{ from: "22:00", to: "06:00", days: ["friday"], noiseMaxDecibels: 45 }],
    });
    const tell = (time: string) => signalsAt(config, [], at(time)).noiseMaxDecibels;
    // 2026-11-27 is a Friday.
    expect(tell("2026-11-27T21:59:00Z")).toBeUndefined();
    expect(tell("2026-11-27T22:00:00Z")).toBe(45);
    expect(tell("2026-11-28T05:59:00Z")).toBe(45);
    expect(tell("2026-11-28T06:00:00Z")).toBeUndefined();
    expect(tell("2026-11-27T05:00:00Z")).toBeUndefined();
    expect(tell("2026-11-28T23:00:00Z")).toBeUndefined();
  });

  test("times of day are those of the time zone, summer time included", () => {
    const config = section({
      timeZone: "Europe/Oslo",
      windows: [{ from: "08:00", to: "09:00", tariffPerKwh: 1 }],
    });
    const tell = (time: string) => signalsAt(config, [], at(time)).tariffPerKwh;
    expect(tell("2026-07-01T06:30:00Z")).toBe(1);
    expect(tell("2026-07-01T07:30:00Z")).toBeUndefined();
    expect(tell("2026-12-01T07:30:00Z")).toBe(1);
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["timeZone: Mars/Olympus", "signals.timeZone", "Mars/Olympus"],
    ['windows: [{from: "25:00", to: "06:00"}]', "signals.windows[0].from", "25:00"],
    [
      'windows: [{from: "22:00", to: "06:00", days: [funday]}]',
      "signals.windows[0].days[0]",
      "funday",
    ],
    ["powerShare: 1.5", "signals.powerShare", "1.5"],
    ["tariff: 0.06", "signals.tariff", "tariffPerKwh"],
  ])("%s", (yaml, path, words) => {
    const checked = checkConfig(`signals:\n  ${yaml}\n`);
    if (checked.ok) throw new Error("taken");
    expect(checked.errors[0]?.path).toBe(path);
    expect(JSON.stringify(checked.errors[0])).toContain(words);
  });

  test.each([
    ["not json", "not JSON"],
    ['{"from":1}', "expected array"],
    [
      '[{"from":"2026-11-24T18:00:00Z","to":"2026-11-24T19:00:00Z"},{"from":"today","to":"2026-11-24T19:00:00Z"}]',
      "[1].from",
    ],
    ['[{"from":"2026-11-24T19:00:00Z","to":"2026-11-24T18:00:00Z"}]', "[0] to is not after from"],
    ['[{"from":"2026-11-24T18:00:00Z","to":"2026-11-24T19:00:00Z","price":1}]', "price"],
  ])("file %s", (text, words) => {
    const parsed = parseSignalsFile(text);
    if (parsed.ok) throw new Error("taken");
    expect(parsed.message).toContain(words);
  });
});
