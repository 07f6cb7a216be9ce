import { afterEach, describe, expect, it } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import { luxos } from "../../../drivers/luxos/index.ts";
import { MINUTE, startLuxos } from "../../sim/luxos-start.ts";
import { RECORDED, serveWith } from "./canned.ts";

let bench: Awaited<ReturnType<typeof startLuxos>> | undefined;
afterEach(async () => {
  await bench?.machine.stop();
  bench = undefined;
});
async function start() {
  bench = await startLuxos();
  return bench;
}

describe("writing under faults", () => {
  it("leaves another tool's session alone", async () => {
    const { machine, logon, read, write, later } = await start();
    await read();
    const id = await logon();
    const wish: Setting = { knob: "locate", value: true };
    await expect(write(wish)).rejects.toMatchObject({ code: "BUSY" });
    expect(machine.orders).toEqual([]);
    expect(machine.session).toBe(id);
    later(MINUTE);
    await expect(write(wish)).resolves.toMatchObject({ answer: "accepted" });
  });

  it("sends a write once, however it ends", async () => {
    const { machine, read, write, later } = await start();
    await read();
    await write({ knob: "autotune", value: false });
    machine.drops = { command: "frequencyset", acted: true };
    const receipt = await write({ knob: "frequency", value: megahertz(565) });
    expect(receipt.answer).toBe("silent");
    expect(receipt.detail).toBe("frequencyset 0,565: no answer; 2 more not sent");
    machine.drops = undefined;
    expect(machine.orders.filter((order) => order.startsWith("frequencyset"))).toHaveLength(1);
    later(10_000);
    const after = await read();
    expect(after.boards.map((board) => board.frequency?.value)).toEqual([565, 590, 590]);
    expect(after.setpoint.frequency?.value).toBeCloseTo(581.67, 2);
  });

  it("takes up its own session again when the end of it got lost", async () => {
    const { machine, read, write } = await start();
    await read();
    machine.drops = { command: "logoff", acted: false };
    await write({ knob: "locate", value: true });
    machine.drops = undefined;
    const left = machine.session;
    expect(left).not.toBe("");
    await write({ knob: "locate", value: false });
    expect(machine.led).toBe("auto");
    expect(machine.session).toBe("");
  });

  it("tells what was done before a refusal", async () => {
    const { machine, read, write } = await start();
    await read();
    machine.miner.sleep();
    const both = write(
      { knob: "autotune", value: false },
      { knob: "voltage", value: millivolts(13_600) },
    );
    await expect(both).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringMatching(/^voltageset 0,13.6: .*before it: atmset enabled=false: /),
    });
  });

  it("ends what it left open", async () => {
    const { machine, session, read, write } = await start();
    await read();
    machine.drops = { command: "logoff", acted: false };
    await write({ knob: "locate", value: true });
    machine.drops = undefined;
    expect(machine.session).not.toBe("");
    await session.close();
    expect(machine.session).toBe("");
  });
});

const status = (word: string, code: number, words: string, body = {}) =>
  JSON.stringify({ ...body, STATUS: [{ STATUS: word, Code: code, Msg: words }], id: 1 });

const connect = (port: number) =>
  luxos.connect(
    luxos.options.parse({ driver: "luxos", host: "127.0.0.1", port, pauseSeconds: 0 }),
    { now: () => RECORDED },
  );

describe("pools that do not go away", () => {
  it("are asked to go once", async () => {
    const pools = ["new", "old", "older"].map((name, POOL) => ({
      POOL,
      URL: `stratum+tcp://${name}.example:3333`,
      User: "worker",
    }));
    const { daemon, port, requests } = await serveWith((command) => {
      if (command === "pools") return status("S", 7, "3 Pool(s)", { POOLS: pools });
      return /pool$/.test(command) ? status("S", 55, "done") : undefined;
    });
    const session = connect(port);
    const url = "stratum+tcp://new.example:3333";
    const value = [{ url, user: "worker", password: "x" }];
    await session.read(new AbortController().signal);
    await expect(
      session.write([{ knob: "pools", value }], new AbortController().signal),
    ).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringContaining("do not go away"),
    });
    expect(requests.filter((each) => each.startsWith("removepool"))).toEqual(["removepool 2"]);
    await session.close();
    await daemon.stop();
  });
});

describe("a session that the machine has forgotten", () => {
  /** The first session is gone before its first write. */
  async function forgetful(times: number) {
    const { daemon, port, requests } = await serveWith((command, parameter, count) => {
      if (command === "logon") {
        const id = `SID${count("logon")}`;
        return status("S", 316, "Session created", { SESSION: [{ SessionID: id }] });
      }
      if (command !== "ledset") return undefined;
      return count("ledset") <= times
        ? status("E", 403, "Invalid session ID")
        : status("S", 337, `LED set by ${parameter?.slice(0, 4)}`);
    });
    const session = connect(port);
    const write = () =>
      session.write([{ knob: "locate", value: true }], new AbortController().signal);
    return { daemon, requests, write };
  }

  it("is opened anew, and the refused request sent once more", async () => {
    const { daemon, requests, write } = await forgetful(1);
    expect((await write()).detail).toBe("ledset red,blink: LED set by SID2");
    expect(requests.slice(-5)).toEqual([
      "logon",
      "ledset SID1,red,blink",
      "logon",
      "ledset SID2,red,blink",
      "logoff SID2",
    ]);
    await daemon.stop();
  });

  it("is not opened a third time", async () => {
    const { daemon, requests, write } = await forgetful(9);
    await expect(write()).rejects.toMatchObject({ code: "REJECTED" });
    expect(requests.filter((request) => request === "logon")).toHaveLength(2);
    await daemon.stop();
  });
});
