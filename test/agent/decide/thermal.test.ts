import { describe, expect, test } from "vitest";
import { farewell } from "../../../agent/decide/farewell.ts";
import { guard } from "../../../agent/decide/guard.ts";
import type { Controls } from "../../../drivers/contract/controls.ts";
import { celsius, percent } from "../../../drivers/contract/units.ts";
import { CONTROLS, MINUTE, policies, START, telemetry } from "../example.ts";
import { actions, runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

// The toy's chip is at ambient + 35 °C at full power. Limits: soft 90, hard 95.
const CALM = { levers: ["voltage"], mode: "observe" };

const FANS_AT_THEIR_END = telemetry({ at: START }).fans.map((fan) => ({
  ...fan,
  duty: { ...fan.duty!, value: percent(100) },
}));

describe("heat", () => {
  test("eases off in steps while it is hot, and stops when it is cool enough", () => {
    const machine = new Toy({ ambient: 56 });
    const entries = runSeries(machine, policies(CALM), 30);
    const steps = actions(entries);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every((step) => step.ruled.action?.purpose === "protect")).toBe(true);
    expect(machine.frequency).toBeLessThan(540);
    expect(machine.asleep).toBe(false);
    const gaps = steps.slice(1).map((step, index) => step.minute - steps[index]!.minute);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(3);
    expect(entries.at(-1)!.state.telemetry!.temperature!.chip!.value).toBeLessThan(90);
  });

  test("a hot chip is not hidden by a board that is nearer to its limit and not yet hot", () => {
    const machine = new Toy({ ambient: 56 });
    const read = machine.read.bind(machine);
    machine.read = (at) => {
      const whole = read(at);
      const chip = { ...whole.temperature!.chip!, value: celsius(91) };
      const board = { ...chip, value: celsius(71.5) };
      return { ...whole, temperature: { chip, board }, fans: FANS_AT_THEIR_END };
    };
    const first = actions(runSeries(machine, policies(CALM), 1))[0];
    expect(first?.ruled.decision.reason).toContain("hot: chip 91 °C");
  });

  describe("a chip above its soft limit whose fans have reserve", () => {
    /** A firmware that holds its chips at `chip`, with its fans at `duty`. */
    const held = (chip: number, duty: number, minutes: number, rise = 0) => {
      const machine = new Toy();
      const read = machine.read.bind(machine);
      machine.read = (at) => {
        const whole = read(at);
        const value = celsius(chip + (rise * (at - START)) / MINUTE);
        const [fan] = FANS_AT_THEIR_END;
        const fans = [{ ...fan!, duty: { ...fan!.duty!, value: percent(duty) } }];
        return { ...whole, temperature: { chip: { ...whole.temperature!.chip!, value } }, fans };
      };
      return actions(runSeries(machine, policies(CALM), minutes)).map(({ ruled }) => ruled);
    };
    test.each([
      ["is left alone", 91, 70, 0, 0],
      ["is eased off when it warms further", 90, 70, 0.4, 1],
      ["is eased off far above the limit", 94, 70, 0, 1],
      ["is eased off when the fans are at their end", 91, 100, 0, 1],
      ["is stopped at the hard limit", 95, 70, 0, 1],
    ])("%s", (_what, chip, duty, rise, least) => {
      const written = held(chip, duty, 9, rise).filter(
        (each) => each.decision.policy === "thermal",
      );
      expect(Math.min(1, written.length)).toBe(least);
    });
  });

  test("hot air at the inlet steps the power down, and stops nothing", () => {
    const machine = new Toy();
    const read = machine.read.bind(machine);
    machine.read = (at) => {
      const whole = read(at);
      const inlet = { ...whole.temperature!.chip!, value: celsius(46) };
      return { ...whole, temperature: { ...whole.temperature, inlet } };
    };
    const first = actions(runSeries(machine, policies(CALM), 1))[0];
    expect(first?.ruled.decision.reason).toContain("inlet 46 °C");
    expect(machine.frequency).toBeLessThan(540);
    expect(machine.asleep).toBe(false);
  });

  test("gives fixed fans back to the firmware before it touches the power", () => {
    const machine = new Toy({ ambient: 56 });
    machine.fan = percent(50);
    const first = actions(runSeries(machine, policies(CALM), 2))[0];
    expect(first?.ruled.action?.settings).toEqual([{ knob: "fan", value: "auto" }]);
  });

  test("a machine that cannot sleep is set to its lowest once, not at every turn", () => {
    const { voltage, frequency } = CONTROLS;
    const machine = new Toy({ ambient: 85, controls: { voltage, frequency } as Controls });
    const entries = runSeries(machine, policies(CALM), 30);
    expect(machine.frequency).toBe(190);
    expect(machine.written).toHaveLength(1);
    const last = entries.at(-1)!;
    expect(last.ruled.decision.reason).toContain("nothing more to lower");
    // It was not stopped, so that it does not come back lower still.
    expect(last.state.tuning.heatStop).toBeUndefined();
  });

  test("a machine of profiles alone eases off to the next lower one", () => {
    const names = ["low", "middle", "high"];
    const choices = names.map((name) => ({ name }));
    const effect = CONTROLS.sleep!.effect;
    const machine = new Toy({ ambient: 56, controls: { profile: { choices, effect } } });
    const read = machine.read.bind(machine);
    machine.read = (at) => {
      const whole = read(at);
      const profile = { ...whole.setpoint.frequency!, value: "high" };
      return { ...whole, setpoint: { profile }, fans: FANS_AT_THEIR_END };
    };
    runSeries(machine, policies(CALM), 1);
    expect(machine.written).toEqual([{ knob: "profile", value: "middle" }]);
  });

  test("puts a too hot machine to sleep at the first reading, and wakes it when it is cool", () => {
    const machine = new Toy({ ambient: 65 });
    const hot = runSeries(machine, policies(CALM), 1);
    expect(actions(hot)[0]?.minute).toBe(0);
    expect(machine.asleep).toBe(true);
    machine.ambient = 30;
    const cooling = runSeries(machine, policies(CALM), 9, hot.at(-1)!.state);
    expect(machine.asleep).toBe(true);
    runSeries(machine, policies(CALM), 3, cooling.at(-1)!.state);
    expect(machine.asleep).toBe(false);
  });

  test("does not wake what somebody else put to sleep", () => {
    const machine = new Toy({ asleep: true });
    expect(actions(runSeries(machine, policies(CALM), 60))).toEqual([]);
  });

  test("stays asleep while it is still hot", () => {
    const machine = new Toy({ ambient: 65 });
    const hot = runSeries(machine, policies(CALM), 1).at(-1)!.state;
    machine.ambient = 93;
    runSeries(machine, policies(CALM), 60, hot);
    expect(machine.asleep).toBe(true);
  });

  test("heat in the middle of a trial goes back to the known good point, not on with the trial", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage"] });
    const trying = runSeries(machine, tuning, 18).at(-1)!.state;
    expect(trying.tuning.phase).toBe("trial");
    machine.ambient = 56.5;
    const after = runSeries(machine, tuning, 2, trying).at(-1)!.state;
    expect(after.tuning.trial).toBeUndefined();
  });
});

describe("the way back from heat", () => {
  const warm = () => {
    const machine = new Toy({ ambient: 56 });
    const state = runSeries(machine, policies(CALM), 30).at(-1)!.state;
    expect(machine.frequency).toBeLessThan(540);
    return { machine, state };
  };

  test("a machine that was lowered gets its point back when it is cool, not before", () => {
    const { machine, state } = warm();
    const lowered = machine.frequency;
    const still = runSeries(machine, policies(CALM), 240, state).at(-1)!.state;
    expect(machine.frequency).toBe(lowered);
    machine.ambient = 30;
    runSeries(machine, policies(CALM), 5, still);
    expect(machine.frequency).toBe(540);
  });

  test("heat in a trial does not chase the way back: a pause lies between", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage", "frequency"], changesPerDay: 1000 });
    const trying = runSeries(machine, tuning, 18).at(-1)!.state;
    machine.ambient = 57;
    const after = actions(runSeries(machine, tuning, 180, trying));
    expect(after.filter((entry) => entry.ruled.action?.purpose === "restore")).toEqual([]);
  });

  test("a wake-up that the machine does not take is sent again", () => {
    const machine = new Toy({ ambient: 65 });
    const hot = runSeries(machine, policies(CALM), 1).at(-1)!.state;
    machine.ambient = 30;
    machine.stubborn = "sleep";
    const tried = runSeries(machine, policies(CALM), 20, hot).at(-1)!.state;
    expect(machine.asleep).toBe(true);
    machine.stubborn = undefined;
    runSeries(machine, policies(CALM), 30, tried);
    expect(machine.asleep).toBe(false);
  });

  test("does not wake tomorrow what somebody else puts to sleep then", () => {
    const machine = new Toy({ ambient: 65 });
    const hot = runSeries(machine, policies(CALM), 1).at(-1)!.state;
    machine.ambient = 30;
    machine.asleep = false;
    const cool = runSeries(machine, policies(CALM), 30, hot).at(-1)!.state;
    machine.asleep = true;
    expect(actions(runSeries(machine, policies(CALM), 60, cool))).toEqual([]);
  });

  test("where its restarts are spent it comes back after a longer rest, not only tomorrow", () => {
    const frequency = {
      ...CONTROLS.frequency!,
      effect: { ...CONTROLS.frequency!.effect, restarts: true },
    };
    const machine = new Toy({ ambient: 56, controls: { ...CONTROLS, frequency } });
    const state = runSeries(machine, policies(CALM), 30).at(-1)!.state;
    const lowered = machine.frequency;
    expect(lowered).toBeLessThan(540);
    machine.ambient = 30;
    const restarts = Array.from({ length: 6 }, () => state.telemetry!.at);
    const hour = runSeries(machine, policies(CALM), 60, { ...state, restarts }).at(-1)!.state;
    expect(machine.frequency).toBe(lowered);
    runSeries(machine, policies(CALM), 150, hour);
    expect(machine.frequency).toBe(540);
  });

  test("what was stopped comes back one step lower, and higher when it is cool", () => {
    const machine = new Toy({ ambient: 65 });
    const hot = runSeries(machine, policies(CALM), 5).at(-1)!.state;
    expect(machine.asleep).toBe(true);
    // Cool enough to start, and warmer than it should be for more.
    machine.ambient = 53;
    const back = runSeries(machine, policies(CALM), 60, hot);
    expect(machine.asleep).toBe(false);
    expect(machine.frequency).toBeLessThan(540);
    machine.ambient = 30;
    runSeries(machine, policies(CALM), 120, back.at(-1)!.state);
    expect(machine.frequency).toBe(540);
  });

  test("what is too hot at every start is started ever more rarely", () => {
    const machine = new Toy({ ambient: 65 });
    const sent = actions(runSeries(machine, policies(CALM), 8 * 60));
    const starts = sent.filter(({ ruled }) => ruled.decision.reason === "cool again: wake up");
    expect(starts.length).toBeGreaterThan(2);
    expect(starts.length).toBeLessThan(7);
  });

  test("a machine that does not stop is lowered as far as it can be", () => {
    const machine = new Toy({ ambient: 65 });
    machine.stubborn = "sleep";
    const minutes = 21;
    const sent = actions(runSeries(machine, policies(CALM), minutes));
    expect(machine.frequency).toBe(190);
    expect(sent.length).toBeLessThan(5);
  });
});

describe("a fast rise", () => {
  test("a chip that suddenly warms by more than 1 K/s is stopped before it is hot", () => {
    const machine = new Toy();
    const calm = runSeries(machine, policies(CALM), 10).at(-1)!.state;
    machine.ambient += 12;
    const after = actions(runSeries(machine, policies(CALM), 0.5, calm));
    expect(after[0]?.ruled.decision.reason).toContain("K/s");
    expect(machine.asleep).toBe(true);
  });

  test("the fast rise of a start is no failure", () => {
    const machine = new Toy();
    const first = runSeries(machine, policies(CALM), 1).at(-1)!.state;
    machine.ambient += 12;
    expect(actions(runSeries(machine, policies(CALM), 0.5, first))).toEqual([]);
  });
});

describe("farewell", () => {
  test("leaves a machine in the middle of a trial at the last known good point", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage"] });
    const trying = runSeries(machine, tuning, 18).at(-1)!.state;
    expect(machine.voltage).toBe(13_100);
    const decision = farewell(trying, tuning, trying.telemetry!.at);
    expect(decision.action?.settings).toEqual([{ knob: "voltage", value: 13_200 }]);
  });

  test("does not leave a fixed fan speed unattended", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["fan"], minGain: 0 });
    const state = runSeries(machine, tuning, 15.5).at(-1)!.state;
    expect(machine.fan).toBe(90);
    const settings = farewell(state, tuning, state.telemetry!.at).action?.settings;
    expect(settings).toEqual([{ knob: "fan", value: "auto" }]);
  });

  test("does not wait for a trial that was sent and not yet seen", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage"] });
    let state = runSeries(machine, tuning, 10).at(-1)!.state;
    while (state.tuning.trial === undefined)
      state = runSeries(machine, tuning, 0.1, state).at(-1)!.state;
    expect(state.write).toBeDefined();
    const now = state.telemetry!.at;
    const ruled = guard(farewell(state, tuning, now), state, tuning, now);
    expect(ruled.action?.settings).toEqual([{ knob: "voltage", value: 13_200 }]);
  });

  test("leaves a machine where an operator put it a minute ago", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage"] });
    const tuned = runSeries(machine, tuning, 400).at(-1)!.state;
    machine.voltage = 13_150;
    const state = runSeries(machine, tuning, 1, tuned).at(-1)!.state;
    expect(farewell(state, tuning, state.telemetry!.at).action).toBeUndefined();
  });

  test("does not touch a machine that sleeps in the middle of a trial", () => {
    const machine = new Toy();
    const tuning = policies({ levers: ["voltage"] });
    const trying = runSeries(machine, tuning, 18).at(-1)!.state;
    machine.asleep = true;
    const state = runSeries(machine, tuning, 1, trying).at(-1)!.state;
    expect(farewell(state, tuning, state.telemetry!.at).action).toBeUndefined();
  });

  test("touches nothing where nothing was learnt", () => {
    const state = runSeries(new Toy({ asleep: true }), policies(CALM), 1).at(-1)!.state;
    expect(farewell(state, policies(CALM), state.telemetry!.at).action).toBeUndefined();
  });
});
