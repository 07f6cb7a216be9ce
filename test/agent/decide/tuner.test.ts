import { describe, expect, test } from "vitest";
import { millivolts } from "../../../drivers/contract/units.ts";
import { MINUTE, policies, START } from "../example.ts";
import { actions, runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

const VOLTAGE_ONLY = { levers: ["voltage"], changesPerDay: 1000 };
const BOTH = { levers: ["voltage", "frequency"], changesPerDay: 1000 };

describe("the tuner", () => {
  test("measures first, then lowers the voltage to just above the cliff and stays there", () => {
    const machine = new Toy();
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 600);
    const first = actions(entries)[0];
    expect(first?.minute).toBeGreaterThanOrEqual(15);
    expect(first?.ruled.decision.reason).toContain("try 13.10 V");
    expect(machine.voltage).toBeLessThan(13_000);
    expect(machine.voltage).toBeGreaterThanOrEqual(machine.cliff - 30);
    expect(entries.at(-1)?.state.tuning.phase).toBe("holding");
    const { best, baseline } = entries.at(-1)!.state.tuning;
    expect(best!.efficiency / baseline!.efficiency).toBeLessThan(0.98);
  });

  test("never goes further below the cliff than one step, and comes back from it at once", () => {
    const machine = new Toy();
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 600);
    const lowest = Math.min(
      ...machine.written.map((s) => (s.knob === "voltage" ? s.value : Infinity)),
    );
    expect(lowest).toBeGreaterThanOrEqual(machine.cliff - 100);
    const reverts = actions(entries).filter((e) => e.ruled.action?.purpose === "restore");
    expect(reverts.length).toBeGreaterThan(0);
    expect(reverts[0]?.ruled.decision.reason).toContain("last known good");
  });

  test("with frequency too, ends lower in both and above the hashrate floor", () => {
    const machine = new Toy();
    const entries = runSeries(machine, policies({ ...BOTH, hashrateFloor: 0.9 }), 1800);
    const { best, baseline } = entries.at(-1)!.state.tuning;
    expect(machine.frequency).toBeLessThan(540);
    expect(best!.rate / baseline!.rate).toBeGreaterThan(0.9);
    expect(best!.efficiency / baseline!.efficiency).toBeLessThan(0.95);
  });

  test.each(["observe", "suggest"] as const)("mode %s changes nothing", (mode) => {
    const machine = new Toy();
    const entries = runSeries(machine, policies({ ...VOLTAGE_ONLY, mode }), 120);
    expect(machine.written).toEqual([]);
    const words = entries.map((entry) => entry.ruled.decision.reason).join("\n");
    expect(words.includes("try 13.10 V")).toBe(mode === "suggest");
  });

  test("a machine that says yes and does nothing loses the lever after one attempt", () => {
    const machine = new Toy({ deaf: true });
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 240);
    expect(machine.written).toHaveLength(1);
    expect(entries.at(-1)?.state.tuning.exhausted.voltage).toContain("ignored");
  });

  test("waits while the machine sleeps by somebody else's wish", () => {
    const machine = new Toy({ asleep: true });
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 60);
    expect(machine.written).toEqual([]);
    expect(entries.at(-1)?.ruled.decision.reason).toBe("machine is sleeping");
  });

  test("each change waits for the last one, ten minutes at least", () => {
    const entries = runSeries(new Toy(), policies(VOLTAGE_ONLY), 600);
    const tuned = actions(entries).filter((entry) => entry.ruled.action?.purpose === "tune");
    const gaps = tuned.slice(1).map((entry, index) => entry.minute - tuned[index]!.minute);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
  });

  test("keeps to the changes of a day", () => {
    const machine = new Toy();
    const entries = runSeries(machine, policies({ ...BOTH, changesPerDay: 3 }), 600);
    const tuned = actions(entries).filter((entry) => entry.ruled.action?.purpose === "tune");
    expect(tuned).toHaveLength(3);
    expect(entries.at(-1)?.ruled.decision.refused).toContain("3 changes today");
  });

  test("somebody else moves the machine: measures anew instead of moving it back", () => {
    const machine = new Toy();
    const before = runSeries(machine, policies(VOLTAGE_ONLY), 400).at(-1)!.state;
    machine.voltage = 13_150;
    const after = runSeries(machine, policies({ ...VOLTAGE_ONLY, mode: "suggest" }), 5, before);
    expect(after.at(-1)?.state.tuning.phase).toBe("baseline");
    expect(machine.voltage).toBe(13_150);
  });

  test("an operator moves the machine during a trial: neither kept as found nor moved back", () => {
    const machine = new Toy();
    const trying = runSeries(machine, policies(VOLTAGE_ONLY), 18).at(-1)!.state;
    expect(trying.tuning.phase).toBe("trial");
    machine.voltage = 12_500;
    machine.written.length = 0;
    const after = runSeries(machine, policies(VOLTAGE_ONLY), 5, trying).at(-1)!.state;
    expect(machine.written).toEqual([]);
    expect(after.tuning.phase).toBe("baseline");
  });

  test("an operator moves the machine between steps: the old point is not restored later", () => {
    const machine = new Toy();
    const state = runSeries(machine, policies(BOTH), 240).at(-1)!.state;
    expect(state.tuning.best).toBeDefined();
    machine.voltage = 12_000;
    machine.frequency = 400;
    const after = runSeries(machine, policies({ ...BOTH, mode: "observe" }), 1, state).at(
      -1,
    )!.state;
    expect(after.tuning.phase).toBe("baseline");
    expect(after.tuning).not.toHaveProperty("best");
  });

  test("acts at once when the mode is changed from suggest to act, not at the next retune", () => {
    const machine = new Toy();
    const held = runSeries(machine, policies({ ...VOLTAGE_ONLY, mode: "suggest" }), 60).at(
      -1,
    )!.state;
    expect(held.tuning.phase).toBe("holding");
    runSeries(machine, policies(VOLTAGE_ONLY), 1, held);
    expect(machine.voltage).toBe(13_100);
  });

  test("a cold night brings the point to the edge: one step of voltage back", () => {
    const machine = new Toy();
    const warm = runSeries(machine, policies(VOLTAGE_ONLY), 600).at(-1)!.state;
    const tuned = machine.voltage;
    machine.cliff = tuned + 60;
    const cold = runSeries(machine, policies(VOLTAGE_ONLY), 60, warm);
    expect(machine.voltage).toBeGreaterThan(tuned);
    expect(actions(cold)[0]?.ruled.decision.reason).toContain("voltage back");
  });
});

describe("recovery", () => {
  test("a restart during a trial gives the lever up and restores the known good point", () => {
    const machine = new Toy();
    const start = runSeries(machine, policies(VOLTAGE_ONLY), 25).at(-1)!.state;
    expect(start.tuning.phase).toBe("trial");
    machine.voltage = 13_200;
    machine.crash(start.telemetry!.at + 1000);
    const after = runSeries(machine, policies(VOLTAGE_ONLY), 10, start);
    expect(after.at(-1)?.state.tuning.exhausted.voltage).toContain("restarted during the trial");
    expect(machine.voltage).toBe(13_200);
  });

  test("three restarts in a day freeze the tuner at the first point for a week", () => {
    const machine = new Toy();
    let state = runSeries(machine, policies(VOLTAGE_ONLY), 200).at(-1)!.state;
    expect(machine.voltage).toBeLessThan(13_200);
    for (let count = 0; count < 3; count += 1) {
      machine.crash(state.telemetry!.at + 1000);
      state = runSeries(machine, policies(VOLTAGE_ONLY), 40, state).at(-1)!.state;
    }
    expect(state.tuning.phase).toBe("frozen");
    expect(machine.voltage).toBe(13_200);
    expect(state.tuning.frozenUntil! - START).toBeGreaterThan(7 * 24 * 60 * MINUTE);
  });
});

describe("a way back that does not work", () => {
  const overTheEdge = (machine: Toy) => {
    const state = runSeries(machine, policies(VOLTAGE_ONLY), 18).at(-1)!.state;
    expect(state.tuning.phase).toBe("trial");
    machine.cliff = 13_500;
    return state;
  };
  const tries = (entries: ReturnType<typeof runSeries>) =>
    actions(entries).filter((entry) => entry.ruled.action?.purpose === "restore");

  test("a machine that rounds what it is given is not written to for ever", () => {
    const machine = new Toy();
    const state = overTheEdge(machine);
    const { write } = machine;
    machine.write = (settings) => {
      write.call(machine, settings);
      machine.voltage -= 4;
    };
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 180, state);
    expect(tries(entries)).toHaveLength(5);
    expect(entries.at(-1)?.state.tuning.phase).toBe("frozen");
  });

  test("a busy machine is given minutes, not three attempts in half a minute", () => {
    const machine = new Toy();
    const state = overTheEdge(machine);
    machine.stubborn = "voltage";
    const first = runSeries(machine, policies(VOLTAGE_ONLY), 8, state).at(-1)!.state;
    machine.stubborn = undefined;
    const after = runSeries(machine, policies(VOLTAGE_ONLY), 20, first);
    expect(machine.voltage).toBe(13_200);
    expect(after.at(-1)?.state.tuning.phase).not.toBe("frozen");
  });

  test("a known good point outside of what the machine offers now ends in a freeze, in words", () => {
    const machine = new Toy();
    const state = overTheEdge(machine);
    const { voltage } = machine.controls;
    machine.controls = { ...machine.controls, voltage: { ...voltage!, max: millivolts(13_150) } };
    const entries = runSeries(machine, policies(VOLTAGE_ONLY), 120, state);
    expect(entries.at(-1)?.state.tuning.phase).toBe("frozen");
    expect(tries(entries)).toEqual([]);
  });
});

describe("what cannot be seen", () => {
  const machineIn = (phase: string) => {
    const machine = new Toy();
    const state = runSeries(machine, policies(VOLTAGE_ONLY), 18).at(-1)!.state;
    expect(state.tuning.phase).toBe(phase);
    return { machine, state, read: machine.read.bind(machine) };
  };

  test("a trial whose readings stand still is taken back", () => {
    const { machine, state, read } = machineIn("trial");
    const still = read(state.telemetry!.at + 10_000);
    machine.read = (at) => ({
      ...read(at),
      hashrate: still.hashrate!,
      power: still.power!,
      temperature: still.temperature!,
    });
    runSeries(machine, policies(VOLTAGE_ONLY), 10, state);
    expect(machine.voltage).toBe(13_200);
  });

  test("a trial without any temperature is taken back", () => {
    const { machine, state, read } = machineIn("trial");
    machine.read = (at) => {
      const { temperature: _none, ...blind } = read(at);
      return blind;
    };
    const after = runSeries(machine, policies(VOLTAGE_ONLY), 7, state);
    expect(machine.voltage).toBe(13_200);
    expect(after.map((entry) => entry.ruled.decision.reason).join()).toContain("no temperature");
  });

  test("a first reading without the voltage is not taken for the machine as it was found", () => {
    const machine = new Toy();
    const read = machine.read.bind(machine);
    machine.read = (at) => {
      const whole = read(at);
      const { voltage: _failed, ...setpoint } = whole.setpoint;
      const problem = { code: "NO_REPLY", source: "voltageget", message: "silence" } as const;
      return { ...whole, setpoint, problems: [problem] };
    };
    const partial = runSeries(machine, policies(BOTH), 1).at(-1)!;
    expect(partial.state.tuning.stock).toBeUndefined();
    expect(partial.ruled.decision.reason).toContain("voltage");
    machine.read = read;
    const whole = runSeries(machine, policies(BOTH), 1, partial.state).at(-1)!.state;
    expect(whole.tuning.stock).toMatchObject({ voltage: 13_200, frequency: 540 });
  });
});
