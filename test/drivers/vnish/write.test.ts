import { afterEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts, percent } from "../../../drivers/contract/units.ts";
import { type Answers, answers } from "./answers.ts";
import { connect, ELAPSED, type Interceptor, NEVER, type Scripted, serve } from "./scripted.ts";

let machine: Scripted | undefined;
afterEach(() => machine?.stop());

const FREQUENCY: Setting = { knob: "frequency", value: megahertz(545) };
const VOLTAGE: Setting = { knob: "voltage", value: millivolts(13_200) };

/** A session that has read, and what a write asks. */
async function start(change: Answers = {}, intercept?: Interceptor) {
  machine = await serve({ ...answers(), ...ELAPSED, ...change }, intercept);
  const served = machine;
  const { session, clock } = connect(served);
  await session.read(NEVER);
  served.take();
  const write = async (...settings: Setting[]) => {
    const receipt = await session.write(settings, NEVER);
    const posts = served.asked.splice(0).filter(({ what }) => what.startsWith("POST "));
    return { receipt, posts: posts.map(({ what, body }) => [what.slice(5), body]) };
  };
  return { served, session, clock, write };
}

const saved = (restart_required: boolean) => ({
  body: JSON.stringify({ restart_required, reboot_required: false }),
});
const wantsRestart: Interceptor = ({ what }) =>
  what === "POST settings" ? saved(true) : undefined;

describe("frequency and voltage", () => {
  const chains = Array.from({ length: 3 }, () => ({
    freq: 545,
    chips: Array(65).fill(0),
    disabled: false,
  }));

  test("go out together, by hand, to all boards and chips; then the program restarts", async () => {
    const { write } = await start({}, wantsRestart);
    const { receipt, posts } = await write(VOLTAGE, FREQUENCY);
    const globals = { freq: 545, volt: 1320 };
    expect(posts).toEqual([
      ["settings", { miner: { overclock: { preset: "disabled", globals, chains } } }],
      ["mining/restart", undefined],
    ]);
    expect(receipt).toEqual({
      answer: "accepted",
      detail: "settings: stored; mining/restart: yes",
    });
  });

  test("no restart when none is due", async () => {
    const { write } = await start();
    const { posts } = await write(FREQUENCY);
    expect(posts.map(([path]) => path)).toEqual(["settings"]);
  });

  test("the other figure stays what it is: live under a preset", async () => {
    const { write } = await start();
    const { posts } = await write(FREQUENCY);
    expect(posts[0]?.[1]).toMatchObject({ miner: { overclock: { globals: { volt: 1300 } } } });
    const again = await start();
    const { posts: next } = await again.write(VOLTAGE);
    expect(next[0]?.[1]).toMatchObject({
      miner: { overclock: { globals: { freq: 495, volt: 1320 } } },
    });
  });

  test("boards that are off by now stay off, and chips lose figures of their own", async () => {
    const settings = structuredClone(answers()["settings"]) as {
      miner: { overclock: { chains: { disabled: boolean; chips: number[] }[] } };
    };
    const table: Answers = {};
    const { write } = await start(table, ({ what, authorization }) =>
      what === "GET settings" && authorization !== undefined
        ? { body: JSON.stringify(settings) }
        : undefined,
    );
    settings.miner.overclock.chains[1]!.disabled = true;
    settings.miner.overclock.chains[2]!.chips.fill(520);
    const { posts } = await write(FREQUENCY);
    expect(posts[0]?.[1]).toMatchObject({
      miner: { overclock: { chains: [{ disabled: false }, { disabled: true }, chains[2]] } },
    });
  });

  test("not together with a preset, which sets them itself", async () => {
    const { session, served } = await start();
    const both: Setting[] = [FREQUENCY, { knob: "profile", value: "3160" }];
    await expect(session.write(both, NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
    expect(served.take()).toEqual(["GET settings"]);
  });

  test("a sleeping machine is not restarted: it starts with them", async () => {
    const asleep = { summary: { miner: { miner_status: { miner_state: "stopped" } } } };
    const { write } = await start(asleep, wantsRestart);
    expect((await write(FREQUENCY, VOLTAGE)).posts.map(([path]) => path)).toEqual(["settings"]);
    expect((await write(FREQUENCY, VOLTAGE, { knob: "sleep", value: false })).posts).toMatchObject([
      ["settings", {}],
      ["mining/start", undefined],
    ]);
  });

  test("when the figure that must stay is not known, nothing is sent", async () => {
    const settings = structuredClone(answers()["settings"]) as {
      miner: { overclock: { globals: object } };
    };
    settings.miner.overclock.globals = {};
    const asleep = { summary: { miner: { miner_status: { miner_state: "stopped" } } }, settings };
    const { session, served } = await start(asleep);
    await expect(session.write([FREQUENCY], NEVER)).rejects.toMatchObject({
      code: "INVALID_SETTING",
    });
    expect(served.take()).toEqual(["GET settings"]);
  });
});

describe("other knobs", () => {
  test("a preset goes out alone: figures with it would be stored as its tuning", async () => {
    const { write } = await start();
    const { posts } = await write({ knob: "profile", value: "3160" });
    expect(posts).toEqual([["settings", { miner: { overclock: { preset: "3160" } } }]]);
  });

  test("the governor keeps its bounds", async () => {
    const { write } = await start();
    const { posts } = await write({ knob: "autotune", value: false });
    expect(posts[0]?.[1]).toMatchObject({
      miner: { overclock: { preset_switcher: { enabled: false, min_preset: "2550" } } },
    });
  });

  test("fans by hand, and back to the target that they had", async () => {
    const { write } = await start();
    const { posts } = await write({ knob: "fan", value: percent(80) });
    expect(posts).toEqual([
      ["settings", { miner: { cooling: { mode: { name: "manual", param: 80 } } } }],
    ]);
    const settings = structuredClone(answers()["settings"]) as {
      miner: { cooling: { mode: object } };
    };
    settings.miner.cooling.mode = { name: "auto", param: 58 };
    const other = await start({ settings });
    settings.miner.cooling.mode = { name: "manual", param: 80 };
    expect((await other.write({ knob: "fan", value: "auto" })).posts).toEqual([
      ["settings", { miner: { cooling: { mode: { name: "auto", param: 58 } } } }],
    ]);
  });

  test("pools as the firmware keeps them, empty slots emptied; read back as they were written", async () => {
    const table: Answers = { settings: structuredClone(answers()["settings"]) };
    const { write, session } = await start(table, ({ what, body }) => {
      if (what !== "POST settings") return undefined;
      Object.assign(
        (table["settings"] as { miner: object }).miner,
        (body as { miner: object }).miner,
      );
      return saved(false);
    });
    const bare = { url: "pool.test:3333", user: "worker.1", password: "secret" };
    const tls = { url: "stratum+ssl://pool.test:443", user: "worker.1", password: "x" };
    const { receipt, posts } = await write({ knob: "pools", value: [bare, tls] });
    expect(posts[0]?.[1]).toEqual({
      miner: {
        pools: [
          { url: "pool.test:3333", user: "worker.1", pass: "secret" },
          { url: "stratum+ssl://pool.test:443", user: "worker.1", pass: "x" },
          { url: "", user: "", pass: "" },
        ],
      },
    });
    expect(receipt.detail).not.toContain("secret");
    const urls = async () =>
      (await session.read(NEVER)).setpoint.pools?.value.map(({ url }) => url);
    expect(await urls()).toEqual([bare.url, tls.url]);
    await write({ knob: "pools", value: [{ ...bare, url: "stratum+tcp://pool.test:3333" }] });
    expect(await urls()).toEqual(["stratum+tcp://pool.test:3333"]);
  });

  test.each<[Setting, string, unknown]>([
    [{ knob: "sleep", value: true }, "mining/stop", undefined],
    [{ knob: "sleep", value: false }, "mining/start", undefined],
    [{ knob: "locate", value: true }, "find-miner", { on: true }],
    [{ knob: "restart", value: true }, "mining/restart", undefined],
    [{ knob: "reboot", value: true }, "system/reboot", undefined],
  ])("%o is one request after a look whether it still hears", async (setting, path, body) => {
    const { served, session } = await start();
    await session.write([setting], NEVER);
    expect(served.asked.map((one) => [one.what, one.body])).toEqual([
      ["GET status", undefined],
      [`POST ${path}`, body],
    ]);
  });

  test("the throttle of 1.3", async () => {
    const summary = structuredClone(answers()["summary"]) as {
      miner: { miner_status: Record<string, unknown> };
    };
    summary.miner.miner_status["throttled"] = 100;
    const { write } = await start({ summary });
    const { posts } = await write({ knob: "powerPercent", value: percent(60) });
    expect(posts).toEqual([["mining/throttle", { percent: 60 }]]);
  });

  test("what is stored comes first, what stops comes last, nothing restarts twice", async () => {
    const { write } = await start({}, wantsRestart);
    const { posts } = await write(
      { knob: "restart", value: true },
      { knob: "locate", value: true },
      FREQUENCY,
    );
    expect(posts.map(([path]) => path)).toEqual(["settings", "find-miner", "mining/restart"]);
  });
});

describe("before anything is sent", () => {
  test.each<[string, Setting]>([
    ["frequency", { knob: "frequency", value: megahertz(601) }],
    ["voltage", { knob: "voltage", value: millivolts(11_690) }],
    ["frequency", { knob: "frequency", value: megahertz(Number.NaN) }],
    ["fan", { knob: "fan", value: percent(10) }],
    ["profile", { knob: "profile", value: "9999" }],
    ["powerLimit", { knob: "powerLimit", value: 3000 as never }],
    ["pools", { knob: "pools", value: [] }],
    ["pools", { knob: "pools", value: [{ url: " ", user: "a", password: "" }] }],
  ])("a wrong %s is named", async (knob, setting) => {
    const { session, served } = await start();
    const refused = expect(session.write([setting], NEVER)).rejects;
    await refused.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringContaining(knob),
    });
    expect(served.take()).toEqual([]);
  });
});

describe("answers to a write", () => {
  const answered =
    (path: string, status: number, body: string): Interceptor =>
    ({ what }) =>
      what === `POST ${path}` ? { status, body } : undefined;

  test.each([
    [500, '{"err":"Invalid preset"}', "REJECTED", "Invalid preset"],
    [404, "", "UNSUPPORTED", "HTTP 404"],
    [502, "<html>", "HTTP_STATUS", "HTTP 502"],
  ])("HTTP %i %s is %s", async (status, body, code, words) => {
    const { session } = await start({}, answered("settings", status, body));
    await expect(session.write([FREQUENCY], NEVER)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test.each(["", "ok", "<html>", "[]"])("settings answered with %o are silent", async (body) => {
    const { write } = await start({}, answered("settings", 200, body));
    const { receipt, posts } = await write(FREQUENCY, { knob: "locate", value: true });
    expect(receipt.answer).toBe("silent");
    expect(posts.map(([path]) => path)).toEqual(["settings"]);
  });

  test("an order is accepted without a body, a web page is silence", async () => {
    const { write } = await start();
    expect((await write({ knob: "sleep", value: true })).receipt.answer).toBe("accepted");
    const other = await start({}, answered("mining/stop", 200, "<html>login</html>"));
    expect((await other.write({ knob: "sleep", value: true })).receipt.answer).toBe("silent");
  });

  test("a refusal names what was done before it", async () => {
    const { session } = await start({}, answered("mining/stop", 500, '{"err":"busy"}'));
    await expect(
      session.write([FREQUENCY, { knob: "sleep", value: true }], NEVER),
    ).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringContaining("before it: settings: stored"),
    });
  });

  test.each(["lost-after-send", "reset", "silent", "truncate"] as const)(
    "a machine that goes away (%s) is silent, and nothing is sent twice",
    async (fault) => {
      let armed = false;
      const { served, session } = await start({}, ({ what }) => {
        // The next request meets it.
        if (armed && what === "GET settings") served.web.fault = fault;
        return undefined;
      });
      armed = true;
      const receipt = await session.write([FREQUENCY], NEVER);
      expect(receipt).toMatchObject({ answer: "silent" });
      expect(receipt.detail).toMatch(/^settings: no answer \((CONNECTION_LOST|NO_REPLY)\)$/);
      const posts = served.take().filter((what) => what === "POST settings");
      expect(posts.length).toBeLessThan(2);
    },
  );

  test("a machine that hangs before the write was told nothing", async () => {
    const { served, session } = await start();
    served.web.fault = "silent";
    const refused = session.write([{ knob: "restart", value: true }], NEVER);
    await expect(refused).rejects.toMatchObject({ code: "NO_REPLY" });
    expect(served.take()).toEqual([]);
  });

  test("a connection that died since the last reading costs nothing but a second one", async () => {
    const { served, session } = await start();
    const port = served.address.httpPort;
    served.web.refusing = true;
    served.web.refusing = false;
    expect(port).toBe(served.address.httpPort);
    const receipt = await session.write([{ knob: "restart", value: true }], NEVER);
    expect(receipt.answer).toBe("accepted");
    expect(served.take()).toEqual(["GET status", "POST mining/restart"]);
  });

  test("a machine that is not there was told nothing", async () => {
    const { served, session } = await start();
    await served.web.stop();
    const gone = session.write([{ knob: "restart", value: true }], NEVER);
    await expect(gone).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  test("a token that was revoked meanwhile is renewed, and the write goes out once", async () => {
    let valid = true;
    const { served, session, clock } = await start({}, ({ what, authorization }) => {
      if (what === "POST unlock" && !valid) return { body: '{"token":"token-2"}' };
      if (what !== "POST mining/stop" || valid) return undefined;
      return authorization === "Bearer token-2" ? { body: "" } : { status: 401 };
    });
    valid = false;
    clock.now += 2 * 60_000;
    const receipt = await session.write([{ knob: "sleep", value: true }], NEVER);
    expect(receipt.answer).toBe("accepted");
    expect(served.take()).toEqual([
      "GET status",
      "POST mining/stop",
      "POST unlock",
      "POST mining/stop",
    ]);
  });

  test("a lost login is no lost write", async () => {
    let valid = true;
    const { served, session, clock } = await start({}, ({ what }) => {
      if (valid) return undefined;
      if (what === "POST unlock") throw new Error("drops the connection");
      return what === "POST mining/stop" ? { status: 401 } : undefined;
    });
    valid = false;
    clock.now += 2 * 60_000;
    const refused = session.write([{ knob: "sleep", value: true }], NEVER);
    await expect(refused).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    expect(served.take()).toEqual(["GET status", "POST mining/stop", "POST unlock"]);
  });

  test("after a write everything that it may have changed is read anew", async () => {
    const { served, session, clock } = await start();
    await session.write([{ knob: "fan", value: percent(70) }], NEVER);
    served.take();
    clock.now += 5_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.setpoint.fan?.at).toBe(clock.now);
    expect(served.take()).toEqual([
      "GET summary",
      "GET status",
      "GET perf-summary",
      "GET settings",
      "GET autotune/presets",
    ]);
  });
});
