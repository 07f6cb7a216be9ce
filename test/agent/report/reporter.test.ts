import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createReporter } from "../../../agent/report/reporter.ts";
import { DATATYPES } from "../../../agent/report/sparkplug/datatype.ts";
import { encodePayload } from "../../../agent/report/sparkplug/payload.ts";
import type { DeviceState } from "../../../agent/state/device-state.ts";
import { Broker } from "../../sim/broker.ts";
import { ManualClock, MQTT, Recorder, type Rig, startReporter, until } from "./harness.ts";
import { Link } from "./link.ts";
import { START, stateOf } from "./states.ts";

const MINER = "site-a/gateway-1/miner-1";
const NODE = "site-a/gateway-1";

/** A state whose report fills buffers quickly. */
function longWinded(turn: number): DeviceState {
  const state = stateOf({ at: START + turn });
  const reason = (turn % 2 === 0 ? "odd " : "even ").repeat(10_000);
  return { ...state, decision: { ...state.decision!, reason } };
}

const rebirthCommand = encodePayload({
  timestamp: START,
  metrics: [
    {
      name: "Node Control/Rebirth",
      datatype: DATATYPES.Boolean,
      value: { field: "boolean", value: true },
    },
  ],
});

describe.each(["3.1.1", "5"] as const)("reporter over MQTT %s", (version) => {
  let broker: Broker;
  let recorder: Recorder;
  const rigs: Rig[] = [];
  const links: Link[] = [];

  beforeAll(async () => {
    broker = await Broker.start();
  });
  afterAll(() => broker.dispose());

  beforeEach(async () => {
    await broker.start();
    recorder = await Recorder.open(broker.port);
  });
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.reporter.stop();
    for (const link of links.splice(0)) await link.close();
    await recorder.close();
  });

  function start(...[url, mqtt, options]: Parameters<typeof startReporter>): Rig {
    const rig = startReporter(url, { version, ...mqtt }, options);
    rigs.push(rig);
    return rig;
  }

  async function openLink(): Promise<Link> {
    const link = await Link.open(broker.port);
    links.push(link);
    return link;
  }

  it("connects with a clean session and a will, subscribes, then bears itself and its devices", async () => {
    const from = broker.log.length;
    const { reporter, edges } = start(broker.url);
    reporter.publish(stateOf());
    reporter.publish(stateOf({ id: "miner-2" }));
    await until("births", () => recorder.count("DBIRTH") === 2);
    expect(recorder.types).toEqual(["NBIRTH", "DBIRTH", "DBIRTH"]);
    expect(recorder.checker.problems).toEqual([]);
    expect(edges).toEqual([{ up: true, reason: `connected to ${broker.url}` }]);
    expect(reporter.counts).toMatchObject({ sessions: 1, sent: { NBIRTH: 1, DBIRTH: 2 } });

    const log = broker.log.slice(from);
    const line = (text: RegExp) => log.findIndex((entry) => text.test(entry));
    const protocol = version === "5" ? "p5" : "p2";
    expect(
      line(new RegExp(`as nockd-site-a-gateway-1 \\(${protocol}, c1, k30\\)`)),
    ).toBeGreaterThan(0);
    expect(line(/Will message specified \(\d+ bytes\) \(r0, q1\)/)).toBeGreaterThan(0);
    expect(line(/\tspBv1\.0\/site-a\/NDEATH\/gateway-1$/)).toBeGreaterThan(0);
    const commands = line(/\tspBv1\.0\/site-a\/NCMD\/gateway-1 \(QoS 1\)/);
    const deviceCommands = line(/\tspBv1\.0\/site-a\/DCMD\/gateway-1\/\+ \(QoS 1\)/);
    const birth = line(/Received PUBLISH .*\(d0, q0, r0, .*NBIRTH/);
    expect(commands).toBeGreaterThan(0);
    expect(deviceCommands).toBeGreaterThan(0);
    expect(birth).toBeGreaterThan(Math.max(commands, deviceCommands));
  });

  it("lets the broker speak its will when it is killed, then returns with the next bdSeq", async () => {
    const link = await openLink();
    const { reporter, clock, edges } = start(link.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    for (let round = 1; round <= 3; round += 1) {
      link.cut();
      await until("will", () => recorder.count("NDEATH") === round);
      await until("down", () => !reporter.isUp && clock.sleepers === 1);
      clock.advance(60_000);
      await until("rebirth", () => recorder.count("DBIRTH") === round + 1);
      expect(recorder.checker.bdSeq(NODE)).toBe(round);
    }
    // Sessions that end at once are failures; one that lasted starts the waiting anew.
    expect(clock.asked).toEqual([1500, 2500, 4500]);
    clock.advance(61_000);
    link.cut();
    await until("asleep", () => clock.sleepers === 1);
    expect(clock.asked.at(-1)).toBe(1500);
    expect(recorder.checker.problems).toEqual([]);
    expect(edges.map((edge) => edge.up)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(edges[1]?.reason).toBe("read ECONNRESET");
  });

  it("reports by exception and never skips a sequence number", async () => {
    const { reporter } = start(broker.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    for (let turn = 1; turn <= 300; turn += 1) {
      reporter.publish(stateOf({ power: turn % 2 === 1 ? 3000 : 3250 + turn, at: START + turn }));
      reporter.publish(stateOf({ power: turn % 2 === 1 ? 3000 : 3250 + turn, at: START + turn }));
    }
    await until("all data", () => recorder.count("DDATA") >= 300);
    await recorder.settle();
    expect(recorder.count("DDATA")).toBe(300);
    expect(recorder.checker.value(MINER, "Power")).toBe("3550");
    expect(recorder.checker.problems).toEqual([]);
  });

  it("answers a rebirth command with all births, and obeys nothing else", async () => {
    const { reporter, lines } = start(broker.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    await recorder.publish("spBv1.0/site-a/NCMD/gateway-1", rebirthCommand);
    await until("births again", () => recorder.count("DBIRTH") === 2);
    await recorder.publish("spBv1.0/site-a/NCMD/gateway-1", Buffer.from([0xff, 0xff]));
    await recorder.publish("spBv1.0/site-a/DCMD/gateway-1/miner-1", rebirthCommand);
    await until("refusals", () => reporter.counts.refused === 2);
    reporter.publish(stateOf({ power: 100, at: START + 1 }));
    await until("data", () => recorder.count("DDATA") === 1);
    expect(recorder.count("NBIRTH")).toBe(2);
    expect(reporter.counts.rebirths).toBe(1);
    expect(lines.filter((line) => line.level === "warn")).toHaveLength(2);
    expect(recorder.checker.problems).toEqual([]);
  });

  it("says good-bye: deaths of devices, then its own, and no way back", async () => {
    const { reporter, clock } = start(broker.url);
    reporter.publish(stateOf());
    reporter.publish(stateOf({ id: "miner-2" }));
    await until("births", () => recorder.count("DBIRTH") === 2);
    await reporter.stop();
    reporter.publish(stateOf({ power: 1 }));
    // MQTT 5 demands that the broker speaks the will although the node spoke already.
    const deaths = version === "5" ? ["NDEATH", "NDEATH"] : ["NDEATH"];
    await until("death", () => recorder.count("NDEATH") >= deaths.length);
    clock.advance(600_000);
    await recorder.settle();
    const births = ["NBIRTH", "DBIRTH", "DBIRTH"];
    expect(recorder.types).toEqual([...births, "DDEATH", "DDEATH", ...deaths]);
    expect(recorder.checker.problems).toEqual([]);
    expect(reporter.isUp).toBe(false);
  });

  it("stops as well when its signal is aborted, before it is connected too", async () => {
    const early = start(broker.url);
    early.ending.abort();
    await early.reporter.stop();
    const { reporter, ending } = start(broker.url, {}, { node: "gateway-2" });
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    ending.abort();
    await until("death", () => recorder.count("NDEATH") >= 1);
    expect(recorder.checker.problems).toEqual([]);
  });

  it("survives ten minutes without a broker and returns with the present state", async () => {
    const { reporter, clock, edges } = start(broker.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    const sent = { ...reporter.counts.sent };
    await broker.stop();
    await until("down", () => !reporter.isUp && clock.sleepers === 1);
    const before = clock.asked.length;
    for (let second = 1; second <= 600; second += 1) {
      clock.advance(1000);
      // A refused attempt is over when the next sleep begins.
      await until("attempt over", () => clock.sleepers === 1);
      if (second % 5 === 0) reporter.publish(stateOf({ power: 3000 + second, at: clock.now() }));
    }
    // 1.5, 2.5, 4.5, 8.5, 16.5 s, then 30.5 s each: some 24 attempts, never a storm.
    const attempts = clock.asked.length - before;
    expect(attempts).toBeGreaterThan(15);
    expect(attempts).toBeLessThan(30);
    expect(reporter.counts.sent).toEqual(sent);
    expect(edges.map((edge) => edge.up)).toEqual([true, false]);

    await broker.start();
    await until("recorder is back", () => recorder.isConnected);
    await recorder.settle();
    clock.advance(60_000);
    await until("births", () => recorder.count("DBIRTH") === 2);
    // The killed broker could not speak the will; a host hears of the end by the new birth.
    expect(recorder.types).toEqual(["NBIRTH", "DBIRTH", "NBIRTH", "DBIRTH"]);
    expect(recorder.checker.value(MINER, "Power")).toBe("3600");
    // No CONNECT was sent in between, so no number was used up.
    expect(recorder.checker.bdSeq(NODE)).toBe(1);
    expect(edges.map((edge) => edge.up)).toEqual([true, false, true]);
  });

  it("notices a frozen link by its keep-alive", async () => {
    const link = await openLink();
    const { reporter, clock, edges } = start(link.url, { keepAliveSeconds: 1 });
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    link.freeze();
    await until("down", () => !reporter.isUp, 6000);
    expect(edges.at(-1)).toEqual({ up: false, reason: "Keepalive timeout" });
    link.cut();
    link.thaw();
    await until("will", () => recorder.count("NDEATH") === 1);
    await until("asleep", () => clock.sleepers === 1);
    clock.advance(60_000);
    await until("births", () => recorder.count("DBIRTH") === 2);
    expect(recorder.checker.problems).toEqual([]);
  });

  it("holds data back, not memory, while the broker takes nothing", async () => {
    const link = await openLink();
    const { reporter } = start(link.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    link.freeze();
    let turns = 0;
    while (reporter.counts.held < 10) {
      turns += 1;
      if (turns > 20_000) throw new Error("nothing was held back");
      reporter.publish(longWinded(turns));
      // The socket hands over to the kernel between turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const told = reporter.counts.sent.DDATA ?? 0;
    expect(told).toBeGreaterThan(0);
    reporter.publish(stateOf({ power: 1234, at: START + turns + 1 }));
    expect(reporter.counts.sent.DDATA).toBe(told);
    link.thaw();
    await until("all that was sent", () => recorder.count("DDATA") === told);
    reporter.publish(stateOf({ power: 1234, at: START + turns + 2 }));
    await until("the rest", () => recorder.checker.value(MINER, "Power") === "1234");
    expect(recorder.checker.problems).toEqual([]);
  });

  it("stops within seconds although nothing passes any more", async () => {
    const link = await openLink();
    const { reporter } = start(link.url);
    reporter.publish(stateOf());
    await until("birth", () => recorder.count("DBIRTH") === 1);
    link.freeze();
    const began = Date.now();
    await reporter.stop();
    expect(Date.now() - began).toBeLessThan(4000);
    link.cut();
    await until("will", () => recorder.count("NDEATH") === 1);
    expect(recorder.checker.problems).toEqual([]);
  });

  it("keeps two nodes apart", async () => {
    const one = start(broker.url);
    const two = start(broker.url, {}, { node: "gateway-2" });
    for (const { reporter } of [one, two]) reporter.publish(stateOf());
    await until("births", () => recorder.count("DBIRTH") === 2);
    await recorder.publish("spBv1.0/site-a/NCMD/gateway-2", rebirthCommand);
    await until("births of one", () => recorder.count("DBIRTH") === 3);
    await two.reporter.stop();
    one.reporter.publish(stateOf({ power: 77, at: START + 1 }));
    await until("data of the other", () => recorder.count("DDATA") === 1);
    expect(recorder.checker.value(MINER, "Power")).toBe("77");
    expect(recorder.checker.isAlive("site-a/gateway-2")).toBe(false);
    expect(recorder.checker.problems).toEqual([]);
  });

  it("goes on with bdSeq after a restart of the agent", async () => {
    const stateFile = join(mkdtempSync(join(tmpdir(), "nock-report-")), "bd-seq");
    for (let run = 0; run < 3; run += 1) {
      const { reporter } = start(broker.url, {}, { stateFile });
      await until("birth", () => recorder.count("NBIRTH") === run + 1);
      expect(recorder.checker.bdSeq(NODE)).toBe(run);
      await reporter.stop();
    }
    await recorder.settle();
    expect(recorder.checker.problems).toEqual([]);
  });
});

describe("createReporter", () => {
  const ports = { now: () => START, sleep: new ManualClock().sleep, log: () => undefined };
  const options = { node: "gateway-1", version: "0.1.0", mqtt: { ...MQTT, url: "mqtt://b" } };

  it("refuses what cannot work, by name", () => {
    const make = (changes: object) => () => createReporter({ ...options, ...changes }, ports);
    expect(make({ node: "a/b" })).toThrow('edge node id: expected a name without "+"');
    expect(make({ mqtt: { ...MQTT, url: "mqtt://b", group: "#" } })).toThrow(
      "mqtt.group: expected",
    );
    expect(make({ mqtt: { ...MQTT, url: "ftp://b" } })).toThrow("mqtt.url: expected mqtt://");
  });

  it("refuses to start twice", async () => {
    const { reporter, ending } = startReporter("mqtt://127.0.0.1:1");
    expect(() => reporter.start(ending.signal)).toThrow("started before");
    await reporter.stop();
  });
});
