import { describe, expect, it } from "vitest";
import { EdgeNode, type Message } from "../../../agent/report/node.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { SparkplugChecker } from "./checker.ts";
import { oracleDecode } from "./oracle.ts";
import { START, stateOf } from "./states.ts";

const now = epochMs(START + 500);
const identity = { group: "site-a", node: "gateway-1", version: "0.1.0" };

const types = (messages: readonly Message[]) => messages.map((message) => message.type);

function judged() {
  const checker = new SparkplugChecker({ from: START - 3_600_000, to: START + 3_600_000 });
  const take = (messages: readonly Message[]) => {
    for (const message of messages) checker.accept({ ...message, retain: false });
    return types(messages);
  };
  return { checker, take };
}

describe("EdgeNode", () => {
  it("is silent while offline and tells the present state at birth", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    expect(node.observe(stateOf({ power: 3000 }), now)).toEqual([]);
    expect(node.observe(stateOf({ power: 3100 }), now)).toEqual([]);
    expect(node.rebirth(now)).toEqual([]);
    expect(take(node.birth(4, now))).toEqual(["NBIRTH", "DBIRTH"]);
    expect(checker.value("site-a/gateway-1/miner-1", "Power")).toBe("3100");
    expect(checker.value("site-a/gateway-1", "Devices/Up")).toBe("1");
    expect(checker.bdSeq("site-a/gateway-1")).toBe(4);
    expect(checker.problems).toEqual([]);
  });

  it("speaks a will of bdSeq alone, QoS 1", () => {
    const will = new EdgeNode(identity).will(255);
    expect(will.topic).toBe("spBv1.0/site-a/NDEATH/gateway-1");
    expect(will.qos).toBe(1);
    expect(oracleDecode(will.payload)).toEqual({
      metrics: [{ name: "bdSeq", datatype: 4, field: "long", value: 255n }],
    });
  });

  it("reports changes beyond the deadband, and nothing else", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf(), now);
    take(node.birth(0, now));
    expect(take(node.observe(stateOf({ at: START + 5000 }), now))).toEqual([]);
    expect(take(node.observe(stateOf({ at: START + 5000, power: 3255 }), now))).toEqual([]);
    expect(take(node.observe(stateOf({ at: START + 5000, power: 3300 }), now))).toEqual(["DDATA"]);
    expect(checker.value("site-a/gateway-1/miner-1", "Power")).toBe("3300");
    expect(checker.problems).toEqual([]);
  });

  it("sends null, never 0, for a value that is gone", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf(), now);
    take(node.birth(0, now));
    const [message] = node.observe(stateOf({ power: undefined, at: START + 5000 }), now);
    const metrics = oracleDecode(message?.payload ?? Buffer.alloc(0)).metrics;
    // Power, its basis and the efficiency that follows from it.
    expect(metrics.map(({ isNull, value }) => ({ isNull, value }))).toEqual(
      Array(3).fill({ isNull: true, value: undefined }),
    );
    take([message!]);
    expect(take(node.observe(stateOf({ power: undefined, at: START + 9000 }), now))).toEqual([]);
    expect(checker.problems).toEqual([]);
  });

  it("lets a device die with its link and be born again", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    take(node.birth(0, now));
    expect(take(node.observe(stateOf(), now))).toEqual(["DBIRTH", "NDATA"]);
    expect(take(node.observe(stateOf({ up: false }), now))).toEqual(["DDEATH", "NDATA"]);
    expect(checker.isAlive("site-a/gateway-1/miner-1")).toBe(false);
    expect(take(node.observe(stateOf({ up: false }), now))).toEqual([]);
    expect(take(node.observe(stateOf(), now))).toEqual(["DBIRTH", "NDATA"]);
    expect(checker.problems).toEqual([]);
  });

  it("does not bear a device that was never read", () => {
    const node = new EdgeNode(identity);
    const { take } = judged();
    const { telemetry: _, ...unread } = stateOf();
    take(node.birth(0, now));
    expect(
      take(node.observe({ ...unread, link: { ...unread.link, status: "unknown" } }, now)),
    ).toEqual(["NDATA"]);
  });

  it("bears a device anew when it shows a new board or knob, and nulls a board that is gone", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf({ boards: 2 }), now);
    take(node.birth(0, now));
    expect(take(node.observe(stateOf({ boards: 3 }), now))).toEqual(["DBIRTH"]);
    expect(take(node.observe(stateOf({ boards: 3, frequency: 545 }), now))).toEqual(["DBIRTH"]);
    expect(checker.value("site-a/gateway-1/miner-1", "Setpoint/Frequency")).toBe("545");
    expect(take(node.observe(stateOf({ boards: 2, frequency: 545 }), now))).toEqual(["DDATA"]);
    expect(checker.value("site-a/gateway-1/miner-1", "Board2/Hashrate")).toBeUndefined();
    expect(checker.value("site-a/gateway-1/miner-1", "Board1/Hashrate")).toBe("40000000000000");
    expect(take(node.observe(stateOf({ boards: 2, frequency: 545 }), now))).toEqual([]);
    expect(checker.problems).toEqual([]);
  });

  it("keeps aliases over births and never shares one", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    for (const id of ["a", "b", "c"]) node.observe(stateOf({ id }), now);
    take(node.birth(0, now));
    const aliases = (messages: readonly Message[]) =>
      messages.flatMap((message) =>
        oracleDecode(message.payload).metrics.map((metric) => [metric.name, metric.alias]),
      );
    const first = aliases(node.rebirth(now));
    expect(aliases(node.rebirth(now))).toEqual(first);
    const numbers = first.map(([, alias]) => alias).filter((alias) => alias !== undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.length).toBeGreaterThan(100);
    expect(checker.problems).toEqual([]);
  });

  it("counts seq to 255 and starts again at 0", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf({ power: 1000 }), now);
    take(node.birth(0, now));
    for (let turn = 1; turn <= 600; turn += 1) {
      take(node.observe(stateOf({ power: turn % 2 === 0 ? 1000 : 3000, at: START + turn }), now));
    }
    expect(checker.counts["DDATA"]).toBe(600);
    expect(checker.problems).toEqual([]);
  });

  it("answers a rebirth with the same bdSeq and seq 0", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf(), now);
    take(node.birth(9, now));
    take(node.observe(stateOf({ power: 2000 }), now));
    expect(take(node.rebirth(now))).toEqual(["NBIRTH", "DBIRTH"]);
    expect(checker.bdSeq("site-a/gateway-1")).toBe(9);
    expect(checker.problems).toEqual([]);
  });

  it("ends in order: devices, then itself; then a new session may begin", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf({ id: "a" }), now);
    node.observe(stateOf({ id: "b" }), now);
    take(node.birth(0, now));
    expect(take(node.death(now))).toEqual(["DDEATH", "DDEATH", "NDEATH"]);
    expect(node.death(now)).toEqual([]);
    expect(take(node.birth(1, now))).toEqual(["NBIRTH", "DBIRTH", "DBIRTH"]);
    expect(checker.problems).toEqual([]);
  });

  it("forgets a device with its death", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf({ id: "a" }), now);
    take(node.birth(0, now));
    expect(take(node.forget("a", now))).toEqual(["DDEATH", "NDATA"]);
    expect(node.forget("a", now)).toEqual([]);
    expect(checker.value("site-a/gateway-1", "Devices/Known")).toBe("0");
    expect(checker.problems).toEqual([]);
  });

  it("tells later what it was only asked to remember", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    node.observe(stateOf(), now);
    take(node.birth(0, now));
    node.remember(stateOf({ power: 9000 }));
    expect(checker.value("site-a/gateway-1/miner-1", "Power")).toBe("3250");
    take(node.observe(stateOf({ power: 9000 }), now));
    expect(checker.value("site-a/gateway-1/miner-1", "Power")).toBe("9000");
    expect(checker.problems).toEqual([]);
  });

  it("survives two boards of one number", () => {
    const node = new EdgeNode(identity);
    const { checker, take } = judged();
    const state = stateOf({ boards: 1 });
    const board = state.telemetry!.boards[0]!;
    const twice: DeviceState = {
      ...state,
      telemetry: { ...state.telemetry!, boards: [board, board] },
    };
    node.observe(twice, now);
    take(node.birth(0, now));
    expect(checker.problems).toEqual([]);
  });

  it.each(["a/b", "a+", "#", "", "a\n"])("refuses the id %j by name", (id) => {
    expect(() => new EdgeNode({ ...identity, group: id })).toThrow(/mqtt\.group: expected/);
    expect(() => new EdgeNode({ ...identity, node: id })).toThrow(/edge node id: expected/);
    expect(() => new EdgeNode(identity).observe(stateOf({ id }), now)).toThrow(
      /device id: expected/,
    );
  });
});
