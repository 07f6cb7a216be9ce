import { describe, expect, test } from "vitest";
import { decode } from "../../../drivers/vnish/decode.ts";
import { type Answers, AT, answers, knownFrom } from "./answers.ts";

const telemetry = (change: Answers = {}) => decode(knownFrom(change), AT, [], new Map());

/** An answer with parts replaced, wherever they are. */
function changed(name: string, change: (answer: never) => void): Answers {
  const answer = structuredClone(answers()[name]);
  change(answer as never);
  return { [name]: answer };
}

interface WireSummary {
  miner: {
    miner_status: Record<string, unknown>;
    psu?: unknown;
    power_consumption: unknown;
    chip_temp: { max: number };
    chains: Record<string, unknown>[];
    pools: Record<string, unknown>[];
    cooling: { fans: Record<string, unknown>[] };
  };
}
const summary = (change: (miner: WireSummary["miner"]) => void) =>
  changed("summary", (answer: WireSummary) => change(answer.miner));

interface WireSettings {
  miner: {
    cooling: { mode: unknown; fan_min_duty: number };
    overclock: Record<string, unknown> & {
      chains: { freq: number; disabled: boolean; chips: number[] }[];
    };
    pools: unknown;
  };
  ui: { consts: { overclock: Record<string, unknown> } };
}
const settings = (change: (answer: WireSettings) => void) => changed("settings", change);
const BY_HAND = { "perf-summary": { current_preset: { name: "disabled" }, preset_switcher: {} } };

describe("identity", () => {
  test("names firmware, model, board and supply", () => {
    expect(telemetry().identity).toEqual({
      vendor: "Bitmain",
      firmware: "VNish",
      firmwareVersion: "1.2.7",
      model: "S21 Pro",
      modelKnown: true,
      mac: "02:00:5E:10:00:21",
      hostname: "rig",
      controlBoard: "Amlogic",
      psu: "APW17",
    });
  });

  test("a model that is not in the table is shown and not touched", () => {
    const { identity, controls } = telemetry(
      changed("info", (info: { miner: string }) => {
        info.miner = "Antminer S99";
      }),
    );
    expect(identity).toMatchObject({ model: "Antminer S99", modelKnown: false });
    expect(controls).toEqual({});
  });

  test("another firmware at the same paths is not touched", () => {
    const { controls } = telemetry(
      changed("info", (info: { fw_name: string }) => {
        info.fw_name = "Other";
      }),
    );
    expect(controls).toEqual({});
  });
});

describe("rates", () => {
  test("are in the unit that info names", () => {
    expect(telemetry().hashrate).toMatchObject({
      now: { value: 173_870.94e9, window: 5_000 },
      average: { value: 174_374.75e9, window: 4_423_000 },
      ideal: { value: 196_517.17e9 },
      nameplate: { value: 237_088e9 },
    });
    const scrypt = telemetry(
      changed("info", (info: { hr_measure: string }) => {
        info.hr_measure = "MH/s";
      }),
    );
    expect(scrypt.hashrate?.now?.value).toBe(173_870.94e6);
    expect(scrypt.boards[0]?.hashrate?.value).toBe(60_797.19e6);
  });

  test("beyond this world are absent, not infinite", () => {
    const odd = telemetry(
      summary((miner) => {
        miner.chains[1]!["hashrate_ideal"] = 1e300;
      }),
    );
    expect(odd.boards[1]).not.toHaveProperty("ideal");
    expect(odd.boards[0]).toHaveProperty("ideal");
  });

  test("are absent when the unit is unknown: a thousandfold error is worse than none", () => {
    const odd = telemetry(
      changed("info", (info: { hr_measure: string }) => {
        info.hr_measure = "kSol/s";
      }),
    );
    expect(odd.hashrate).toBeUndefined();
    expect(odd.boards[0]).not.toHaveProperty("hashrate");
    expect(odd.boards[0]).toHaveProperty("frequency");
  });
});

describe("power and heat", () => {
  test("watts are the supply's where it measures, else a formula", () => {
    expect(telemetry().power).toMatchObject({ value: 2583, basis: "psu", source: "summary" });
    const formula = telemetry(summary((miner) => delete miner.psu));
    expect(formula.power?.basis).toBe("formula");
    expect(formula.temperature).not.toHaveProperty("psu");
    expect(telemetry(summary((miner) => delete miner.power_consumption))).not.toHaveProperty(
      "power",
    );
  });

  test("the hottest counts, and a sensor at 0 is none", () => {
    expect(telemetry().temperature).toMatchObject({
      chip: { value: 65 },
      board: { value: 50 },
      psu: { value: 47 },
    });
    const dead = telemetry(
      summary((miner) => {
        miner.chip_temp.max = 0;
        for (const chain of miner.chains) chain["chip_temp"] = { min: 0, max: 0 };
      }),
    );
    expect(dead.temperature).not.toHaveProperty("chip");
    expect(dead.boards[0]).not.toHaveProperty("chipTemperature");
  });

  test("the firmware's own restart temperature is the limit", () => {
    expect(telemetry().limits).toEqual({ chip: 90 });
  });
});

describe("boards, fans, pools", () => {
  test("boards count from 0, chips by their grades", () => {
    const { boards } = telemetry();
    expect(boards.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(boards[0]).toMatchObject({
      serial: "SN-1",
      chips: { value: 65 },
      chipsExpected: 65,
      frequency: { value: 495 },
      voltage: { value: 13_000 },
      ideal: { value: 65_505.727e9 },
      hardwareErrors: { value: 10 },
      enabled: true,
    });
  });

  test("fans, and one that is lost is a fault", () => {
    const { fans, faults } = telemetry(
      summary((miner) => {
        miner.cooling.fans[2] = { id: 2, rpm: 0, status: "lost", max_rpm: 6500 };
      }),
    );
    expect(fans.map((fan) => fan.speed?.value)).toEqual([5880, 5880, 0, 5940]);
    expect(fans[0]?.duty?.value).toBe(90);
    expect(faults).toEqual([{ code: "lost", text: "the fan does not turn", component: "fan 2" }]);
  });

  test("pools with their last share, and the work of all of them", () => {
    const { pools, shares } = telemetry();
    expect(pools.map(({ url, status, active }) => [url, status, active])).toEqual([
      ["stratum+tcp://stratum.example:3333", "alive", true],
      ["stratum+tcp://backup.example:3333", "alive", false],
      ["DevFee", "alive", true],
    ]);
    expect(pools[0]).toMatchObject({ lastShareAt: AT - 4_000, difficulty: 262_144, rejected: 9 });
    expect(pools[1]).not.toHaveProperty("lastShareAt");
    expect(shares).toMatchObject({
      accepted: { value: 1823 },
      rejected: { value: 9 },
      difficultyAccepted: { value: 182_300_000 },
    });
  });

  test("a count that is missing in one pool makes no sum", () => {
    const { shares } = telemetry(summary((miner) => delete miner.pools[1]!["diffa"]));
    expect(shares).not.toHaveProperty("difficultyAccepted");
    expect(shares).toHaveProperty("accepted");
  });

  test.each([
    ["offline", "dead"],
    ["rejecting", "dead"],
    ["disabled", "disabled"],
    ["unknown", "unknown"],
    ["mystery", "unknown"],
  ])("a pool that is %s is %s", (word, status) => {
    const { pools } = telemetry(
      summary((miner) => {
        miner.pools[0]!["status"] = word;
      }),
    );
    expect(pools[0]?.status).toBe(status);
  });
});

describe("what it does", () => {
  test.each([
    ["mining", "hashing", false],
    ["auto-tuning", "ramping", false],
    ["initializing", "starting", false],
    ["starting", "starting", false],
    ["restarting", "starting", false],
    ["shutting-down", "stopped", true],
    ["stopped", "sleeping", true],
    ["failure", "stopped", false],
  ])("%s is %s", (state, activity, asleep) => {
    const seen = telemetry(
      summary((miner) => {
        miner.miner_status = { miner_state: state };
      }),
    );
    expect(seen.activity?.value).toBe(activity);
    expect(seen.setpoint.sleep?.value).toBe(asleep);
  });

  test.each(["constructor", "dreaming"])("a state named %s is none", (state) => {
    const seen = telemetry(
      summary((miner) => {
        miner.miner_status = { miner_state: state };
      }),
    );
    expect(seen).not.toHaveProperty("activity");
  });

  test("without a miner program the status tells, and nothing is zero", () => {
    const seen = telemetry({ summary: { miner: null } });
    expect(seen.activity).toMatchObject({ value: "ramping", source: "status" });
    expect(seen).not.toHaveProperty("power");
    expect(seen).not.toHaveProperty("hashrate");
    expect(seen.boards).toEqual([]);
  });

  test("a failure is told in the machine's words", () => {
    const { faults } = telemetry(
      summary((miner) => {
        miner.miner_status = {
          miner_state: "failure",
          failure_code: 30,
          description: "chain break",
        };
        miner.chains[1]!["status"] = { state: "disconnected" };
      }),
    );
    expect(faults).toEqual([
      { code: "30", text: "chain break" },
      { code: "disconnected", text: "the board is in state disconnected", component: "board 1" },
    ]);
  });
});

describe("set-point", () => {
  test("under a preset: the live figures and the preset at work, not the stored ones", () => {
    const { setpoint } = telemetry();
    expect(setpoint).toMatchObject({
      frequency: { value: 495, source: "summary" },
      voltage: { value: 13_000, source: "summary" },
      profile: { value: "2800", source: "perf-summary" },
      autotune: { value: true },
      fan: { value: "auto" },
      sleep: { value: false },
      locate: { value: false },
    });
  });

  test("by hand: the stored figures, in 10 mV", () => {
    const { setpoint } = telemetry(BY_HAND);
    expect(setpoint).toMatchObject({
      frequency: { value: 555, source: "settings" },
      voltage: { value: 12_700, source: "settings" },
      profile: { value: "disabled" },
    });
  });

  test("boards by hand at unlike frequencies give their mean; 0 is that of the machine", () => {
    const { setpoint } = telemetry({
      ...BY_HAND,
      ...settings(({ miner }) => {
        miner.overclock.chains[0]!.freq = 0;
        miner.overclock.chains[1]!.freq = 495;
        miner.overclock.chains[2]!.disabled = true;
      }),
    });
    expect(setpoint.frequency?.value).toBe((555 + 495) / 2);
  });

  test("chips with a frequency of their own move the mean", () => {
    const { setpoint } = telemetry({
      ...BY_HAND,
      ...settings(({ miner }) => {
        for (const chain of miner.overclock.chains) chain.chips.fill(520);
      }),
    });
    expect(setpoint.frequency?.value).toBe(520);
  });

  test("a firmware without perf-summary gives the stored preset", () => {
    const { perf: _without, ...known } = knownFrom();
    expect(decode(known, AT, [], new Map()).setpoint).toMatchObject({
      profile: { value: "3160", source: "settings" },
      autotune: { value: true, source: "settings" },
    });
  });

  test("pools as people write them, without their passwords and empty slots", () => {
    expect(telemetry().setpoint.pools?.value).toEqual([
      { url: "stratum+tcp://stratum.example:3333", user: "account.rig", password: "" },
      { url: "stratum+tcp://backup.example:3333", user: "account.rig", password: "" },
    ]);
  });

  test("manual fans give their duty, and a machine in oil has no fan knob", () => {
    const manual = telemetry(
      settings(({ miner }) => {
        miner.cooling.mode = { name: "manual", param: 80 };
      }),
    );
    expect(manual.setpoint.fan?.value).toBe(80);
    const oil = telemetry(
      settings(({ miner }) => {
        miner.cooling.mode = { name: "immers" };
      }),
    );
    expect(oil.setpoint).not.toHaveProperty("fan");
    expect(oil.controls).not.toHaveProperty("fan");
  });
});

describe("knobs", () => {
  test("frequency ends where the firmware itself begins to warn", () => {
    expect(telemetry().controls.frequency).toMatchObject({ min: 50, max: 600 });
    const without = telemetry(settings(({ ui }) => delete ui.consts.overclock["warn_freq"]));
    expect(without.controls.frequency).toMatchObject({ max: 1000 });
  });

  test("voltage ends with what the stock supply gives, in mV", () => {
    const { controls } = telemetry(
      settings(({ ui }) => {
        ui.consts.overclock["max_voltage"] = 1600;
        ui.consts.overclock["max_voltage_stock_psu"] = 1500;
      }),
    );
    expect(controls.voltage).toMatchObject({ min: 11_700, max: 15_000, step: 10 });
  });

  test("limits that are missing make no knob", () => {
    const { controls } = telemetry(
      settings(({ ui }) => {
        ui.consts.overclock = {};
      }),
    );
    expect(controls).not.toHaveProperty("frequency");
    expect(controls).not.toHaveProperty("voltage");
  });

  test("presets in the order of power; none for another supply, none that overclocks untuned", () => {
    const choices = telemetry().controls.profile?.choices ?? [];
    expect(choices.map(({ name }) => name)).toEqual(["2550", "2800", "3160", "3520", "4690"]);
    expect(choices[1]).toEqual({ name: "2800", power: 2800, hashrate: 188e12, tuned: false });
    expect(choices[2]).toMatchObject({ frequency: 540, voltage: 13_000, tuned: true });
  });

  test("a modified supply brings its presets back", () => {
    const modded = {
      ...settings(({ miner }) => {
        miner.overclock["modded_psu"] = true;
      }),
    };
    const tuned = changed("autotune/presets", (list: { name: string; status: string }[]) => {
      for (const item of list) if (item.name === "3700") item.status = "tuned";
    });
    const names = (change: Answers) =>
      telemetry(change).controls.profile?.choices.map(({ name }) => name);
    expect(names(tuned)).not.toContain("3700");
    expect(names({ ...tuned, ...modded })).toContain("3700");
  });

  test("the fan never goes below what is safe", () => {
    expect(telemetry().controls.fan).toMatchObject({ min: 20, max: 100, auto: true });
    const higher = telemetry(
      settings(({ miner }) => {
        miner.cooling.fan_min_duty = 35;
      }),
    );
    expect(higher.controls.fan?.min).toBe(35);
  });

  test("a throttle is offered where the firmware tells one (1.3)", () => {
    expect(telemetry().controls).not.toHaveProperty("powerPercent");
    const later = telemetry(
      summary((miner) => {
        miner.miner_status["throttled"] = 80;
      }),
    );
    expect(later.controls.powerPercent).toMatchObject({ min: 20, max: 100 });
    expect(later.setpoint.powerPercent?.value).toBe(80);
  });

  test("without the settings nothing is offered", () => {
    const { settings: _without, ...known } = knownFrom();
    expect(decode(known, AT, [], new Map()).controls).toEqual({});
  });
});
