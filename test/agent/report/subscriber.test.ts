import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { formatMessage } from "../../../agent/report/format-message.ts";
import { type SparkplugMessage, subscribe } from "../../../agent/report/subscriber.ts";
import { Broker } from "../../sim/broker.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "../../sim/embedded-broker.ts";
import { ManualClock, MQTT, Recorder, type Rig, startReporter, until } from "./harness.ts";
import { START, stateOf } from "./states.ts";

let broker: Broker;
let embedded: EmbeddedBroker;
const endings: AbortController[] = [];
const rigs: Rig[] = [];

beforeAll(async () => {
  broker = await Broker.start();
  embedded = await startEmbeddedBroker();
});
afterAll(async () => {
  await broker.dispose();
  await embedded.stop();
});
afterEach(async () => {
  for (const ending of endings.splice(0)) ending.abort();
  for (const rig of rigs.splice(0)) await rig.reporter.stop();
});

async function listen(url: string, filter?: string) {
  const ending = new AbortController();
  endings.push(ending);
  const heard: SparkplugMessage[] = [];
  const warnings: string[] = [];
  const clock = new ManualClock();
  let up = false;
  const subscriber = subscribe(
    { ...MQTT, url, ...(filter === undefined ? {} : { filter }) },
    (message) => void heard.push(message),
    {
      now: clock.now,
      sleep: clock.sleep,
      log: (_, message) => void warnings.push(message),
      onLink: (edge) => {
        up = edge.up;
      },
    },
    ending.signal,
  );
  await until("subscription", () => up);
  return { heard, warnings, subscriber, ending };
}

function report(url: string): Rig {
  const rig = startReporter(url);
  rigs.push(rig);
  rig.reporter.publish(stateOf());
  return rig;
}

describe("subscribe", () => {
  it("gives metrics their names back, with units, over births and data", async () => {
    const { heard, subscriber, ending } = await listen(broker.url);
    const { reporter } = report(broker.url);
    await until("birth", () => heard.length === 2);
    reporter.publish(stateOf({ power: 3000, chip: 70, at: START + 5000 }));
    await until("data", () => heard.length === 3);
    expect(heard.map((message) => message.topic.type)).toEqual(["NBIRTH", "DBIRTH", "DDATA"]);
    const metric = (name: string) => heard[2]?.metrics.find((candidate) => candidate.name === name);
    expect(metric("Power")).toEqual({
      name: "Power",
      value: 3000,
      unit: "W",
      type: "Double",
      at: START + 5000,
    });
    expect(metric("Temperature/Chip")).toMatchObject({ value: 70, unit: "°C" });
    expect(subscriber.counts).toEqual({
      byType: { NBIRTH: 1, DBIRTH: 1, DDATA: 1 },
      unreadable: 0,
    });
    ending.abort();
    await subscriber.done;
  });

  it("shows the alias when it came too late for the birth", async () => {
    const { reporter } = report(broker.url);
    await until("session", () => reporter.isUp);
    const { heard } = await listen(broker.url);
    reporter.publish(stateOf({ power: 3000, at: START + 5000 }));
    await until("data", () => heard.length === 1);
    expect(heard[0]?.metrics[0]?.name).toMatch(/^alias \d+$/);
    expect(heard[0]?.metrics[0]?.value).toBe(3000);
  });

  it("hears only what its filter lets through, and survives rubbish", async () => {
    const { heard, subscriber, warnings } = await listen(broker.url, "spBv1.0/+/NBIRTH/#");
    const recorder = await Recorder.open(broker.port);
    await recorder.publish("spBv1.0/g/NBIRTH/n", Buffer.from([0xff, 0xff]));
    await recorder.publish("spBv1.0/g/NBIRTH/n/too/long", Buffer.from([]));
    report(broker.url);
    await until("birth", () => heard.length === 1);
    await until("device birth", () => recorder.count("DBIRTH") === 1);
    expect(subscriber.counts).toEqual({ byType: { NBIRTH: 1 }, unreadable: 2 });
    expect(warnings).toEqual(["message not readable"]);
    await recorder.close();
  });
});

describe("the embedded broker", () => {
  it("carries births, and speaks the will of one who is cut off", async () => {
    const { heard } = await listen(embedded.url);
    const { reporter } = report(embedded.url);
    await until("birth", () => heard.length === 2);
    await reporter.stop();
    await until("deaths", () => heard.length === 4);
    expect(heard.map((message) => message.topic.type)).toEqual([
      "NBIRTH",
      "DBIRTH",
      "DDEATH",
      "NDEATH",
    ]);
  });
});

describe("formatMessage", () => {
  const message: SparkplugMessage = {
    topic: { group: "site-a", type: "DDATA", node: "gw-1", device: "miner-7" },
    timestamp: START,
    seq: 4,
    bytes: 100,
    metrics: [
      { name: "Power", value: 3250.1234, unit: "W" },
      { name: "Hashrate/Now", value: 120.4e12, unit: "H/s" },
      { name: "Temperature/Inlet", value: null, unit: "°C" },
      { name: "Started", value: START, type: "DateTime" },
      { name: "Activity", value: "hashing" },
      { name: "Shares/Accepted", value: 4_812_000_000 },
      { name: "Table", value: undefined },
      { name: "Setpoint/Sleep", value: false },
    ],
  };

  it("is one line for people", () => {
    expect(formatMessage(message)).toBe(
      "2026-05-28T20:26:40.000Z DDATA site-a/gw-1/miner-7 seq=4 Power=3250.123 W, " +
        "Hashrate/Now=120.4 TH/s, Temperature/Inlet=unknown, Started=2026-05-28T20:26:40.000Z, " +
        'Activity="hashing", Shares/Accepted=4812000000, Table=(not shown), Setpoint/Sleep=false',
    );
    expect(formatMessage(message, 1)).toMatch(/Power=3250\.123 W, and 7 more$/);
  });

  it("says nothing of times that are not there", () => {
    const topic = { group: "g", type: "NDEATH", node: "n" } as const;
    const death = { topic, bytes: 9, metrics: [{ name: "bdSeq", value: 3 }] };
    expect(formatMessage(death)).toBe("- NDEATH g/n bdSeq=3");
    expect(formatMessage({ ...death, timestamp: 1e300 })).toMatch(/^- NDEATH/);
  });

  it("keeps the terminal safe from what a node is called or says", () => {
    const evil = "\u001b[2J\u202e\u009b";
    const line = formatMessage({
      ...message,
      topic: { group: evil, type: "NDATA", node: evil },
      metrics: [{ name: evil, value: evil, unit: evil }],
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});
