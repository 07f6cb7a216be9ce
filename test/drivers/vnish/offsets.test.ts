import { afterEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { hashesPerSecond, megahertz, millivolts } from "../../../drivers/contract/units.ts";
import { type Answers, answers } from "./answers.ts";
import { connect, ELAPSED, type Interceptor, NEVER, type Scripted, serve } from "./scripted.ts";

const MINUTE = 60_000;
let machine: Scripted | undefined;
afterEach(() => machine?.stop());

interface StoredChain {
  freq: number;
  chips: number[];
  disabled: boolean;
}

/** By hand at 540 MHz in the mean: boards at 530, 540 and 550, two chips of the last 10 MHz apart. */
function byHand(change: (chains: StoredChain[]) => void = () => {}): Answers {
  const settings = structuredClone(answers()["settings"]) as {
    miner: { overclock: { preset: string; globals: object; chains: StoredChain[] } };
  };
  const { overclock } = settings.miner;
  overclock.preset = "disabled";
  overclock.globals = { freq: 540, volt: 1300 };
  overclock.chains = [530, 0, 550].map((freq) => ({
    freq,
    chips: Array<number>(65).fill(0),
    disabled: false,
  }));
  overclock.chains[2]!.chips[0] = 560;
  overclock.chains[2]!.chips[1] = 540;
  change(overclock.chains);
  return { settings, "perf-summary": { current_preset: { name: "disabled" } } };
}

async function start(change: Answers, intercept?: Interceptor) {
  machine = await serve({ ...answers(), ...ELAPSED, ...change }, intercept);
  const served = machine;
  const { session, clock } = connect(served);
  const telemetry = await session.read(NEVER);
  served.take();
  const chainsOf = async (...settings: Setting[]) => {
    await session.write(settings, NEVER);
    const post = served.asked.splice(0).find(({ what }) => what === "POST settings");
    const body = post?.body as { miner: { overclock: { globals: object; chains: StoredChain[] } } };
    return body.miner.overclock;
  };
  return { served, session, clock, telemetry, chainsOf };
}

describe("offsets of boards and chips", () => {
  test("are read from what is stored by hand; 0 takes what is above it", async () => {
    const { telemetry } = await start(byHand());
    const { controls, setpoint } = telemetry;
    expect(setpoint.frequency?.value).toBe(540);
    expect(setpoint.boardOffsets?.value).toEqual([-10, 0, 10]);
    expect(setpoint.chipOffsets?.value[1]).toEqual(Array(65).fill(0));
    expect(setpoint.chipOffsets?.value[2]?.slice(0, 3)).toEqual([10, -10, 0]);
    expect(controls.boardOffsets).toMatchObject({ step: 1, parts: [1, 1, 1] });
    expect(controls.chipOffsets).toMatchObject({
      parts: [65, 65, 65],
      effect: { restarts: true, persists: true },
    });
  });

  test("are not offered under a preset, nor while a board is off", async () => {
    const preset = await start({});
    expect(preset.telemetry.controls).not.toHaveProperty("chipOffsets");
    expect(preset.telemetry.setpoint).not.toHaveProperty("boardOffsets");
    await machine?.stop();
    const off = await start(
      byHand((chains) => {
        chains[1]!.disabled = true;
      }),
    );
    expect(off.telemetry.controls).not.toHaveProperty("boardOffsets");
    expect(off.telemetry.setpoint).not.toHaveProperty("chipOffsets");
  });

  test("a frequency moves all and leaves them, a disabled board too", async () => {
    const { chainsOf } = await start(
      byHand((chains) => {
        chains[1]!.disabled = true;
      }),
    );
    const { globals, chains } = await chainsOf({ knob: "frequency", value: megahertz(500) });
    expect(globals).toMatchObject({ freq: 500 });
    expect(chains.map(({ freq }) => freq)).toEqual([490, 500, 510]);
    expect(chains.map(({ disabled }) => disabled)).toEqual([false, true, false]);
    expect(chains[2]?.chips.slice(0, 3)).toEqual([520, 500, 510]);
    expect(chains[0]?.chips).toEqual(Array(65).fill(0));
  });

  test("a voltage leaves every frequency as it is", async () => {
    const { chainsOf } = await start(byHand());
    const { globals, chains } = await chainsOf({ knob: "voltage", value: millivolts(12_900) });
    expect(globals).toEqual({ freq: 540, volt: 1290 });
    expect(chains.map(({ freq }) => freq)).toEqual([530, 540, 550]);
    expect(chains[2]?.chips.slice(0, 3)).toEqual([560, 540, 550]);
  });

  test("of boards keep those of chips; of chips keep those of boards; level is 0", async () => {
    const { chainsOf } = await start(byHand());
    const boards = [5, -5, 0].map(megahertz);
    const moved = await chainsOf({ knob: "boardOffsets", value: boards });
    expect(moved.chains.map(({ freq }) => freq)).toEqual([545, 535, 540]);
    expect(moved.chains[2]?.chips.slice(0, 3)).toEqual([550, 530, 540]);
    const level = boards.map(() => Array.from({ length: 65 }, () => megahertz(0)));
    const flat = await chainsOf({ knob: "chipOffsets", value: level });
    expect(flat.chains.map(({ freq }) => freq)).toEqual([530, 540, 550]);
    expect(flat.chains[2]?.chips).toEqual(Array(65).fill(0));
  });

  test("halves are rounded so that the board's mean stays", async () => {
    const { chainsOf } = await start(
      byHand((chains) => {
        for (let chip = 0; chip < 33; chip += 1) chains[0]!.chips[chip] = 531;
      }),
    );
    const { chains } = await chainsOf({ knob: "frequency", value: megahertz(540) });
    const clocks = chains.flatMap(({ freq, chips }) => chips.map((chip) => chip || freq));
    expect(clocks.every(Number.isInteger)).toBe(true);
    const mean = clocks.reduce((sum, clock) => sum + clock, 0) / clocks.length;
    // Rounded one by one all would be 0.17 MHz too fast.
    expect(Math.abs(mean - 540)).toBeLessThan(0.1);
  });
});

describe("chips", () => {
  const board = (id: number, hr: number, temp = 60) => ({
    id,
    chips: Array.from({ length: 65 }, (_, chip) => ({ id: chip, hr, temp, freq: 495 })),
  });
  const whole = () => [board(1, 1000), board(2, 990), board(3, 980)];

  test.each([
    ["chains", whole()],
    ["boards", whole()],
    [
      "chips",
      {
        chains: whole().map(({ id, chips }) => ({
          id,
          chips: chips.map(({ hr, ...rest }) => ({ ...rest, hashrate: hr })),
        })),
      },
    ],
  ])("are told by %s, every five minutes", async (path, answer) => {
    const { telemetry, session, clock, served } = await start({ [path]: answer });
    const figures = telemetry.boards[2]?.chipFigures;
    expect(telemetry.problems).toEqual([]);
    expect(figures).toMatchObject({ quality: "ok", value: { window: 5 * MINUTE } });
    expect(figures?.value.rate).toEqual(Array(65).fill(hashesPerSecond(980e9)));
    expect(figures?.value.temperature).toHaveLength(65);
    clock.now += 4 * MINUTE;
    await session.read(NEVER);
    expect(served.take()).not.toContain(`GET ${path}`);
    clock.now += MINUTE;
    await session.read(NEVER);
    expect(served.take().filter((what) => /^GET (chains|boards|chips)$/.test(what))).toEqual([
      `GET ${path}`,
    ]);
  });

  test("what was not read is no zero", async () => {
    const { telemetry } = await start({ chains: [board(1, 0, 0), board(2, 990, 0)] });
    expect(telemetry.boards[0]).not.toHaveProperty("chipFigures");
    expect(telemetry.boards[1]?.chipFigures?.value).not.toHaveProperty("temperature");
    expect(telemetry.boards[2]).not.toHaveProperty("chipFigures");
  });

  test("boards that count from 0 are the same boards", async () => {
    const { telemetry } = await start({ chains: [board(0, 1000), board(1, 990), board(2, 980)] });
    const rates = telemetry.boards.map(({ chipFigures }) => chipFigures?.value.rate?.[0]);
    expect(rates).toEqual([1000e9, 990e9, 980e9]);
  });

  test("rates in another unit than the board's are not believed", async () => {
    const { telemetry } = await start({ chains: [board(1, 1)] });
    expect(telemetry.boards[0]?.chipFigures?.quality).toBe("implausible");
  });

  test.each([
    ["an object", {}],
    ["a chip without rate", [{ id: 1, chips: [{ id: 0 }] }]],
    ["a chip left out", [{ id: 1, chips: [0, 2].map((id) => ({ id, hr: 1000 })) }]],
    ["words", [{ id: 1, chips: "none" }]],
  ])("%s is a problem, and the rest stands", async (_, answer) => {
    const { telemetry } = await start({ chains: answer });
    expect(telemetry.problems).toMatchObject([{ code: "UNEXPECTED_SHAPE", source: "chains" }]);
    expect(telemetry.hashrate?.now).toBeDefined();
    expect(telemetry.boards.every((each) => each.chipFigures === undefined)).toBe(true);
  });
});
