// The judge must find what is wrong: each row breaks one rule of a stream that is otherwise right.

import { describe, expect, it } from "vitest";
import { EdgeNode } from "../../../agent/report/node.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { type Recorded, SparkplugChecker } from "./checker.ts";
import { oracleDecode, oracleEncode } from "./oracle.ts";
import { START, stateOf } from "./states.ts";

const now = epochMs(START);

/** NBIRTH, DBIRTH, DDATA, DDEATH, NDATA, NDEATH. */
function stream(bdSeq = 0): Recorded[] {
  const node = new EdgeNode({ group: "g", node: "n", version: "1" });
  node.observe(stateOf(), now);
  return [
    ...node.birth(bdSeq, now),
    ...node.observe(stateOf({ power: 100 }), now),
    ...node.observe(stateOf({ up: false }), now),
    ...node.death(now),
  ].map((message) => ({ ...message, retain: false }));
}

const judge = (messages: readonly Recorded[]) => {
  const checker = new SparkplugChecker({ from: START - 86_400_000, to: START + 1000 });
  for (const message of messages) checker.accept(message);
  return checker.problems;
};

const at = (index: number, change: (message: Recorded) => Recorded) => (messages: Recorded[]) =>
  messages.map((message, position) => (position === index ? change(message) : message));

const metric = { name: "a", alias: 500, timestamp: String(START), datatype: 10, double_value: 1 };
const replaced = (index: number, fields: object) =>
  at(index, (message) => ({ ...message, payload: oracleEncode({ ...fields }) }));

describe("SparkplugChecker", () => {
  it("finds nothing wrong with a right stream and its successor", () => {
    expect(stream().map((message) => message.topic.split("/")[2])).toEqual([
      "NBIRTH",
      "DBIRTH",
      "DDATA",
      "DDEATH",
      "NDATA",
      "NDEATH",
    ]);
    expect(judge([...stream(0), ...stream(1)])).toEqual([]);
  });

  const stamp = { timestamp: String(START) };
  it.each<[string, (messages: Recorded[]) => Recorded[], RegExp]>([
    ["a retained birth", at(0, (m) => ({ ...m, retain: true })), /retained/],
    ["a birth of QoS 1", at(0, (m) => ({ ...m, qos: 1 })), /QoS 1/],
    ["a death of QoS 0", at(5, (m) => ({ ...m, qos: 0 })), /QoS 0/],
    ["another namespace", at(0, (m) => ({ ...m, topic: "spAv1.0/g/NBIRTH/n" })), /namespace/],
    ["a device in a node's topic", at(0, (m) => ({ ...m, topic: `${m.topic}/x` })), /levels/],
    ["a lost message", (messages) => messages.toSpliced(2, 1), /seq 3, expected 2/],
    ["a message twice", (messages) => messages.toSpliced(2, 0, messages[2]!), /seq 2, expected 3/],
    ["data before the birth", (messages) => messages.slice(2), /outside of a session/],
    ["a birth without bdSeq", replaced(0, { ...stamp, seq: 0, metrics: [metric] }), /no bdSeq/],
    ["a birth of seq 1", replaced(0, { ...stamp, seq: 1, metrics: [metric] }), /not 0/],
    ["data by name", replaced(2, { ...stamp, seq: 2, metrics: [metric] }), /alias alone/],
    ["data of no birth", replaced(2, { ...stamp, seq: 2, metrics: [metric] }), /unknown alias 500/],
    ["data without metrics", replaced(2, { ...stamp, seq: 2 }), /data without metrics/],
    ["a message without time", replaced(3, { seq: 3 }), /without a timestamp/],
    ["a time in seconds", replaced(3, { timestamp: START / 1000, seq: 3 }), /has the time/],
    [
      "a death with seq",
      replaced(5, { seq: 6, metrics: [{ name: "bdSeq", long_value: 0 }] }),
      /seq 6/,
    ],
    [
      "a death of another birth",
      replaced(5, { metrics: [{ name: "bdSeq", long_value: 7 }] }),
      /of 7/,
    ],
    [
      "a death that says more",
      replaced(5, { metrics: [{ name: "bdSeq", long_value: 0 }, metric] }),
      /alone/,
    ],
    [
      "one alias for two",
      replaced(1, { ...stamp, seq: 1, metrics: [metric, { ...metric, name: "b" }] }),
      /alias 500 of b/,
    ],
    [
      "names that differ in case",
      replaced(1, { ...stamp, seq: 1, metrics: [metric, { ...metric, name: "A", alias: 501 }] }),
      /differing in case/,
    ],
    [
      "a value and null",
      replaced(1, { ...stamp, seq: 1, metrics: [{ ...metric, is_null: true }] }),
      /either a value or null/,
    ],
    [
      "a value in the wrong field",
      replaced(1, { ...stamp, seq: 1, metrics: [{ ...metric, datatype: 4 }] }),
      /a double for type 4/,
    ],
    [
      "a value that is no number",
      replaced(1, { ...stamp, seq: 1, metrics: [{ ...metric, double_value: Number.NaN }] }),
      /is NaN/,
    ],
    [
      "metrics out of order",
      replaced(1, {
        ...stamp,
        seq: 1,
        metrics: [metric, { ...metric, name: "b", alias: 501, timestamp: String(START - 1) }],
      }),
      /older than the metric before/,
    ],
    ["a repeated bdSeq", (messages) => [...messages, ...stream(0)], /bdSeq 0 after a session of 0/],
    [
      "bytes that are no payload",
      at(2, (m) => ({ ...m, payload: Buffer.from([0x12, 9]) })),
      /no payload/,
    ],
  ])("finds %s", (_, change, problem) => {
    expect(judge(change(stream())).join("\n")).toMatch(problem);
  });

  it("finds a value told twice, and a birth of another number in one session", () => {
    const messages = stream();
    const [first] = oracleDecode(messages[2]!.payload).metrics;
    const metrics = [{ alias: String(first?.alias), timestamp: String(START), double_value: 100 }];
    const again = oracleEncode({ ...stamp, seq: 3, metrics });
    const repeated = messages.toSpliced(3, 0, { ...messages[2]!, payload: again });
    expect(judge(repeated).join("\n")).toMatch(/Power = 100 was told before/);
    expect(judge([messages[0]!, stream(1)[0]!]).join("\n")).toMatch(/bdSeq 1 in a session of 0/);
  });
});
