import { afterEach, describe, expect, it } from "vitest";
import { PROFILES } from "./luxos-profiles.ts";
import { startLuxos } from "./luxos-start.ts";

let bench: Awaited<ReturnType<typeof startLuxos>> | undefined;
afterEach(async () => {
  await bench?.machine.stop();
  bench = undefined;
});
async function start() {
  bench = await startLuxos();
  return bench;
}

const codeOf = (answer: { STATUS: { Code: number }[] }) => answer.STATUS[0]?.Code;

describe("the wire of the simulated LUXminer", () => {
  it("ends each reply with NUL and joins reports by their command", async () => {
    const { ask } = await start();
    const { text, answer } = await ask("summary+bogus+devs+summary");
    expect(text.endsWith("\0")).toBe(true);
    expect(Object.keys(answer)).toEqual(["summary", "bogus", "devs", "id"]);
    expect(answer.bogus[0].STATUS[0]).toMatchObject({ STATUS: "E", Code: 14 });
    expect(answer.devs[0].DEVS.map((dev: { ID: number }) => dev.ID)).toEqual([2, 0, 1]);
  });

  it("has one session at a time, which dies after a minute without use", async () => {
    const { ask, logon, later } = await start();
    expect((await ask("session")).answer.SESSION[0].SessionID).toBe("");
    const id = await logon();
    expect(id).toMatch(/^\w{8}$/);
    const second = await ask("logon");
    expect(codeOf(second.answer)).toBe(402);
    later(50_000);
    expect(codeOf((await ask("ledset", `${id},red,on`)).answer)).toBe(337);
    later(50_000);
    const live = await ask("session");
    expect(codeOf(live.answer)).toBe(319);
    expect(live.answer.SESSION[0].SessionID).toBe(id);
    later(10_001);
    expect((await ask("session")).answer.SESSION[0].SessionID).toBe("");
    expect((await ask("ledset", `${id},red,off`)).answer.STATUS[0].STATUS).toBe("E");
  });

  it("obeys nobody without a session", async () => {
    const { ask, machine } = await start();
    const { answer } = await ask("frequencyset", "0,500");
    expect(answer.STATUS[0]).toMatchObject({ STATUS: "E", Msg: expect.stringMatching(/session/i) });
    expect(machine.orders).toEqual([]);
  });

  it("lists the captured profiles", () => {
    expect(PROFILES).toHaveLength(25);
    const known = [
      { name: "190MHz", step: -16, frequency: 190, voltage: 11.88, watts: 784, hashrate: 39.2 },
      { name: "340MHz", step: -10, frequency: 340, voltage: 12, watts: 1414, hashrate: 70.2 },
      { name: "default", step: 0, frequency: 590, voltage: 13.5, watts: 2794, hashrate: 121.8 },
      { name: "790MHz", step: 8, frequency: 790, voltage: 14.7, watts: 4195, hashrate: 163.1 },
    ];
    expect(PROFILES).toEqual(expect.arrayContaining(known));
  });
});
