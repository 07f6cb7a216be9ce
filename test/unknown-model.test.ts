// What every registered driver must do with a model that is newer than itself, and with an answer that has
// changed: read what can be read, say what cannot, and offer no write to a machine it does not know.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { announce } from "../agent/announce.ts";
import type { CapturedExchange } from "../agent/cli/capture-files.ts";
import { readingTable } from "../agent/cli/reading-table.ts";
import { fold, freshState } from "../agent/state/fold.ts";
import type { Session } from "../drivers/contract/driver.ts";
import { isDeviceError } from "../drivers/contract/errors.ts";
import type { Telemetry } from "../drivers/contract/telemetry.ts";
import { milliseconds } from "../drivers/contract/units.ts";
import { connectDevice, type DriverKind, identify } from "../drivers/index.ts";
import { openProbe } from "../drivers/transport/probe.ts";
import { type Bench, startBench } from "./sim/bench.ts";
import { captureBench } from "./sim/capture-bench.ts";
import { CaptureReplay } from "./sim/capture-replay.ts";
import { SIMULATED } from "./sim/simulated.ts";

const NEVER = new AbortController().signal;

/** The model as the simulated machine of each driver writes it, and a name of no machine. */
const MODELS: { readonly [Kind in DriverKind]: readonly (readonly [RegExp, string])[] } = {
  luxos: [[/Antminer S19k Pro/g, "Antminer S99z Pro"]],
  whatsminer: [[/M50S_VJ30/g, "M99S_VX99"]],
  antminer: [[/Antminer S19/g, "Antminer S99z"]],
  avalon: [
    [/"Avalon Q"/g, '"Avalon Z99"'],
    [/"MODEL":"Q"/g, '"MODEL":"Z99"'],
    [/Ver\[Q-/g, "Ver[Z99-"],
  ],
  bitaxe: [
    [/"boardVersion":"801"/g, '"boardVersion":"9901"'],
    [/"GammaTurbo"/g, '"Zeta99"'],
    [/"BM1370"/g, '"BM9999"'],
  ],
  braiins: [[/Antminer S19 XP/g, "Antminer S99z XP"]],
  epic: [
    [/AntMiner S19 XP/g, "AntMiner S99z XP"],
    [/BHB56801/g, "BHB99999"],
  ],
  vnish: [
    [/Antminer S21 Pro/g, "Antminer S99z Pro"],
    [/"s21pro"/g, '"s99zpro"'],
  ],
  innosilicon: [[/"T3h\+"/g, '"Z99h+"']],
  ebang: [[/Ebit E11\+\+/g, "Ebit Z99++"]],
  proto: [
    [/"Rig"/g, '"Rig 99"'],
    [/"Proto Rig"/g, '"Proto Rig 99"'],
  ],
  auradine: [[/AT1500/g, "ZZ9900"]],
  sealminer: [[/"A2"/g, '"Z99"']],
  elphapex: [[/"DG1\+"/g, '"ZZ99+"']],
  goldshell: [[/Goldshell-KD5/g, "Goldshell-ZZ99"]],
  iceriver: [[/KS5L/g, "ZZ99L"]],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nockd-unknown-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.keys(SIMULATED) as DriverKind[])("driver %s", (kind) => {
  let bench: Bench;
  let replay: CaptureReplay;
  let session: Session | undefined;
  const out = () => join(folder, kind);

  beforeAll(async () => {
    bench = await startBench(kind);
    await captureBench(bench, out());
    await bench.machine.stop();
  });
  afterEach(async () => {
    await session?.close();
    replay.stop();
  });

  async function serve(rewrite: CaptureReplay["rewrite"]): Promise<Session> {
    replay = new CaptureReplay(out());
    replay.rewrite = rewrite;
    await replay.start();
    session = connectDevice(replay.optionsFor(bench.options), { now: bench.now });
    return session;
  }

  test("an unknown model is recognised, read, and offered no write", async () => {
    let renamed = 0;
    const opened = await serve((text) =>
      MODELS[kind].reduce((changed, [from, to]) => {
        if (changed.search(from) >= 0) renamed += 1;
        return changed.replace(from, to);
      }, text),
    );
    const { port, httpPort } = replay.optionsFor(bench.options);
    const probe = openProbe({ host: "127.0.0.1", port, httpPort, deadline: 2000 });
    const sighting = await identify(probe);
    expect(sighting?.driver).toBe(kind);
    expect(sighting?.identity.modelKnown).toBe(false);

    const telemetry = await opened.read(NEVER);
    expect(renamed).toBeGreaterThan(0);
    expect(telemetry.identity.modelKnown).toBe(false);
    expect(telemetry.identity.model).toContain("99");
    expect(telemetry.controls).toEqual({});
    expect(telemetry.problems).toEqual([]);
    expect(partsOf(telemetry)).toEqual(expect.arrayContaining(["boards", "pools"]));
    expect(telemetry.boards).toHaveLength(replay.index.reading?.boards.length ?? 0);

    const asked = replay.answered;
    await expect(opened.write([{ knob: "reboot", value: true }], NEVER)).rejects.toMatchObject({
      code: "INVALID_SETTING",
    });
    expect(replay.answered).toBe(asked);
    expect(readingTable(telemetry)).toMatch(/unknown model.*no write.*nockd capture/s);
    expect(logged(telemetry)).toMatch(/unknown model.*no write.*nockd capture/);
  });

  test("an answer that is dropped or of another type costs nothing else, and is told", async () => {
    const outcomes: string[] = [];
    for (const exchange of sideAnswers()) {
      for (const [change, text] of Object.entries(CHANGES)) {
        const opened = await serve((kept, one) => (sameQuestion(one, exchange) ? text : kept));
        const name = `${nameOf(exchange)} ${change}`;
        const outcome = await outcomeOf(opened);
        const mayBeAbsent = change === "dropped" && ABSENT_WHEN_EMPTY[kind]?.test(name) === true;
        if (outcome !== "silent" || !mayBeAbsent) outcomes.push(`${name}: ${outcome}`);
        await opened.close();
        replay.stop();
      }
    }
    expect(outcomes.filter((outcome) => /: (?:silent|bug)/.test(outcome))).toEqual([]);
    // An IceRiver tells everything in one answer.
    const sides = outcomes.filter((outcome) => outcome.includes(": told"));
    expect(sides.length > 0).toBe(kind !== "iceriver");
    // The main answer, and at Auradine the mode, without which a sleeping machine looks like a dead one.
    const refused = outcomes.filter((outcome) => outcome.includes(": refused"));
    expect(refused.length, refused.join()).toBeLessThanOrEqual(kind === "auradine" ? 4 : 2);
  });

  function sideAnswers(): CapturedExchange[] {
    const { exchanges } = new CaptureReplay(out()).index;
    const read = exchanges.filter((exchange) => {
      const { phase, file, failure, status } = exchange;
      if (phase !== "read" || file === undefined || failure !== undefined) return false;
      return status !== 404 && status !== 401 && !OPENS.test(exchange.request.path ?? "");
    });
    return read.filter(
      (one, index) => read.findIndex((other) => sameQuestion(one, other)) === index,
    );
  }
});

function partsOf(telemetry: Telemetry): string[] {
  const lists = { boards: telemetry.boards, pools: telemetry.pools, fans: telemetry.fans };
  return Object.entries(lists).flatMap(([name, list]) => (list.length > 0 ? [name] : []));
}

/** Nothing that a machine of any firmware would say. */
const CHANGES = { dropped: "", retyped: '"changed"' };

/** Pages that not every build has, and that some builds answer with nothing then. */
const ABSENT_WHEN_EMPTY: { readonly [Kind in DriverKind]?: RegExp } = {
  antminer: /miner_power|stats\.cgi|summary\.cgi|blink/,
  innosilicon: /getAll|getAutoTuneStatus|overview|pools|getErrorDetail|"stats"/,
};

/** Opens or closes a session; of its answer a key is read, or nothing. */
const OPENS = /login|\/lock$|\/token$|\/auth$/;

const nameOf = ({ request }: CapturedExchange): string =>
  `${request.method ?? ""} ${request.path ?? ""} ${request.payload}`.trim();

const sameQuestion = (one: CapturedExchange, other: CapturedExchange): boolean =>
  one.transport === other.transport && nameOf(one) === nameOf(other);

/** `told` with what remains; a refusal to read is one when the answer is the one without which there is nothing. */
async function outcomeOf(session: Session): Promise<string> {
  try {
    const telemetry = await session.read(NEVER);
    const [problem] = telemetry.problems;
    if (problem === undefined) return "silent";
    return `told ${problem.source} ${problem.code}`;
  } catch (error) {
    return isDeviceError(error) ? `refused ${error.code}` : `bug ${String(error)}`;
  }
}

function logged(telemetry: Telemetry): string {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const before = freshState("d", telemetry.at);
  const latency = milliseconds(1);
  const after = fold(before, { kind: "reading", at: telemetry.at, telemetry, latency });
  announce(log, after, before);
  const told = lines.filter((line) => line.includes("unknown model"));
  announce(log, after, after);
  expect(lines.filter((line) => line.includes("unknown model"))).toEqual(told);
  return told.join("\n");
}
