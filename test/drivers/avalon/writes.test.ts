// What is sent for each setting, and what is refused before anything is sent.

import { afterEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { celsius, percent } from "../../../drivers/contract/units.ts";
import { A1066, A1566, NANO_3S } from "./modules.ts";
import { NEVER, type Script, type Scripted, startScripted, statsOf, statusOf } from "./scripted.ts";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

async function serve(
  script: Script,
  options: { password?: string; username?: string } = {},
): Promise<Scripted> {
  machine = await startScripted(script, options);
  return machine;
}

const help = (...options: string[]): string =>
  statusOf("I", 118, `ASC 0 set info: ${["help", ...options].join("|")}|`);
const OK = statusOf("S", 119, "ASC 0 set OK");

describe("writes of gen 2", () => {
  const writes: readonly [string, string, Setting, Script, string[]][] = [
    [
      "a mode, which takes effect after a reboot",
      A1066,
      { knob: "mode", value: "normal" },
      { "ascset 0,workmode,0": statusOf("I", 118, "ASC 0 set info: WORKMODE[0]") },
      ["ascset 0,workmode,0", "ascset 0,reboot,0"],
    ],
    [
      "sleep by hash power on A10 to A12",
      A1066,
      { knob: "sleep", value: true },
      { "ascset 0,hashpower,0": statusOf("I", 118, "ASC 0 set info: Power off hash now ...") },
      ["ascset 0,hashpower,0"],
    ],
    [
      "sleep by softoff on A13 and later",
      A1566,
      { knob: "sleep", value: true },
      { "ascset 0,softoff": OK },
      ["ascset 0,softoff"],
    ],
    ["waking by a reboot", A1566, { knob: "sleep", value: false }, {}, ["ascset 0,reboot,0"]],
    ["a reboot", A1566, { knob: "reboot", value: true }, {}, ["ascset 0,reboot,0"]],
    [
      "the first lamp on A10",
      A1066,
      { knob: "locate", value: true },
      { "ascset 0,led,1-1": OK },
      ["ascset 0,led,1-1"],
    ],
    [
      "the lamp of A15, counted from 0",
      A1566,
      { knob: "locate", value: false },
      { "ascset 0,led,0-0": OK },
      ["ascset 0,led,0-0"],
    ],
  ];
  test.each(writes)("sends %s", async (_what, module, setting, answers, expected) => {
    const { session, asked, read } = await serve({
      estats: statsOf(module),
      "ascset 0,reboot,0": "",
      ...answers,
    });
    await read();
    asked.length = 0;
    const { answer } = await session.write([setting], NEVER);
    expect(asked).toEqual(expected);
    expect(answer).toBe(expected.includes("ascset 0,reboot,0") ? "silent" : "accepted");
  });

  test("does not reboot for a mode that the machine refused, kept or did not answer to", async () => {
    const { session, asked, read } = await serve({ estats: statsOf(A1066) });
    await read();
    const replies = [
      [statusOf("E", 120, "ASC 0 set failed: "), "REJECTED"],
      [statusOf("I", 118, "ASC 0 set info: WORKMODE[1]"), "REJECTED"],
      ["", "silent"],
    ] as const;
    for (const [reply, outcome] of replies) {
      if (machine !== undefined) machine.script = { "ascset 0,workmode,0": reply };
      asked.length = 0;
      const result = await session
        .write([{ knob: "mode", value: "normal" }], NEVER)
        .then(({ answer }) => answer)
        .catch((error: { code: string }) => error.code);
      expect(result).toBe(outcome);
      expect(asked).toEqual(["ascset 0,workmode,0"]);
    }
  });

  test("one reboot serves several settings, and comes last", async () => {
    const { session, asked, read } = await serve(
      {
        estats: statsOf(A1566),
        "ascset 0,workmode,0": statusOf("I", 118, "ASC 0 set info: WORKMODE[0] success"),
        "ascset 0,led,0-1": OK,
        "ascset 0,reboot,0": "",
        "ascset 0,setpool,root,pw,0,stratum+tcp://a.b:1,w,x": OK,
        pools: `${statusOf("S", 7, "1 Pool(s)")}POOL=0,URL=stratum+tcp://old:1,User=u,Status=Dead|`,
      },
      { password: "pw" },
    );
    await read();
    asked.length = 0;
    const pools = [{ url: "stratum+tcp://a.b:1", user: "w", password: "x" }];
    await session.write(
      [
        { knob: "reboot", value: true },
        { knob: "mode", value: "normal" },
        { knob: "pools", value: pools },
        { knob: "locate", value: true },
      ],
      NEVER,
    );
    expect(asked).toEqual([
      "ascset 0,workmode,0",
      "ascset 0,setpool,root,pw,0,stratum+tcp://a.b:1,w,x",
      "ascset 0,led,0-1",
      "ascset 0,reboot,0",
    ]);
    await expect(
      session.write(
        [
          { knob: "sleep", value: true },
          { knob: "mode", value: "normal" },
        ],
        NEVER,
      ),
    ).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  test("pools: the form without an index when the one with it is refused, but not for a wrong password", async () => {
    const script = {
      estats: statsOf(A1566),
      "ascset 0,reboot,0": "",
      pools: `${statusOf("S", 7, "1 Pool(s)")}POOL=0,URL=stratum+tcp://old:1,User=u,Status=Dead|`,
      "ascset 0,setpool,me,pw,stratum+tcp://a.b:1,w,x": statusOf("I", 118, "ASC 0 set info: x"),
    };
    const pools = [{ url: "stratum+tcp://a.b:1", user: "w", password: "x" }];
    const indexed = "ascset 0,setpool,me,pw,0,stratum+tcp://a.b:1,w,x";
    const { session, asked, read } = await serve(
      { ...script, [indexed]: statusOf("E", 120, "ASC 0 set failed: bad") },
      { password: "pw", username: "me" },
    );
    await read();
    asked.length = 0;
    await session.write([{ knob: "pools", value: pools }], NEVER);
    expect(asked.slice(0, 2)).toEqual([indexed, "ascset 0,setpool,me,pw,stratum+tcp://a.b:1,w,x"]);
    if (machine !== undefined) {
      machine.script = { [indexed]: statusOf("E", 120, "ASC 0 set failed: Auth Failed!") };
    }
    asked.length = 0;
    await expect(session.write([{ knob: "pools", value: pools }], NEVER)).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    expect(asked).toEqual([indexed]);
  });
});

describe("a wish outside of the envelope", () => {
  const good = { url: "stratum+tcp://a.b:1", user: "w", password: "x" };
  test.each<[Setting, RegExp]>([
    [{ knob: "mode", value: "turbo" }, /mode "turbo": expected one of eco, standard, super/],
    [{ knob: "temperatureOffset", value: celsius(3) }, /temperatureOffset 3: .* -40 to 0/],
    [{ knob: "temperatureOffset", value: celsius(-1.5) }, /whole number/],
    [{ knob: "temperatureOffset", value: celsius(Number.NaN) }, /whole number/],
    [{ knob: "fan", value: percent(50) }, /expected one of the knobs/],
    [{ knob: "frequency", value: 500 as never }, /expected one of the knobs/],
    [{ knob: "pools", value: [] }, /1 to 3 pools/],
    [{ knob: "pools", value: [good, good, good, good] }, /1 to 3 pools/],
    [{ knob: "pools", value: [{ ...good, user: "a,b" }] }, /user with 1 to 128/],
    [{ knob: "pools", value: [{ ...good, password: "se|cret" }] }, /password with 1 to 128/],
    [{ knob: "pools", value: [{ ...good, url: "x".repeat(385) }] }, /url with 1 to 384/],
  ])("%j is refused before anything is sent", async (setting, message) => {
    const { session, daemon, read } = await serve(
      {
        estats: statsOf(NANO_3S),
        pools: `${statusOf("S", 7, "1 Pool(s)")}POOL=0,URL=stratum+tcp://old:1,User=u|`,
        "ascset 0,help": help("workmode", "reboot", "target-temp"),
      },
      { password: "pw" },
    );
    await read();
    const before = daemon.connections;
    const error = await session.write([setting], NEVER).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toContain("cret");
    expect(daemon.connections).toBe(before);
  });

  test("and before the first reading nothing is offered", async () => {
    const { session, daemon } = await serve({});
    await expect(session.write([{ knob: "reboot", value: true }], NEVER)).rejects.toMatchObject({
      code: "INVALID_SETTING",
    });
    expect(daemon.connections).toBe(0);
  });
});
