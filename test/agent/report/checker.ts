// A strict judge of a recorded Sparkplug stream: every rule of Sparkplug B 3.0 that can be seen by a
// listener, read with protobufjs so that it shares nothing with the code under test.

import { type OracleMetric, type OraclePayload, oracleDecode } from "./oracle.ts";

export interface Recorded {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
}

export interface CheckerOptions {
  /** Sparkplug times must lie in here, epoch milliseconds; not checked when absent. */
  readonly from?: number;
  readonly to?: number;
  /** Each new session must use the next bdSeq; false where CONNECTs were refused in between. */
  readonly consecutiveSessions?: boolean;
}

interface Told {
  readonly name: string;
  readonly datatype: number;
  last: string | undefined;
  readonly device: string | undefined;
}

interface NodeState {
  online: boolean;
  bdSeq: number | undefined;
  seq: number;
  readonly aliases: Map<bigint, Told>;
  readonly alive: Set<string>;
}

const NODE_TYPES = ["NBIRTH", "NDEATH", "NDATA", "NCMD"];
const DEVICE_TYPES = ["DBIRTH", "DDEATH", "DDATA", "DCMD"];
const FIELD_OF: Record<number, string> = {
  1: "int",
  2: "int",
  3: "int",
  4: "long",
  5: "int",
  6: "int",
  7: "int",
  8: "long",
  9: "float",
  10: "double",
  11: "boolean",
  12: "string",
  13: "long",
  14: "string",
};
const REBIRTH = "Node Control/Rebirth";

/** Feed it messages in the order of their arrival; `problems` must stay empty. */
export class SparkplugChecker {
  readonly problems: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #options: CheckerOptions;
  readonly #nodes = new Map<string, NodeState>();
  #number = 0;
  #where = "";

  constructor(options: CheckerOptions = {}) {
    this.#options = options;
  }

  /** Last told value of a metric, for tests: `group/node[/device]`, name. */
  value(source: string, name: string): string | undefined {
    const [group, node, device] = source.split("/");
    const state = this.#nodes.get(`${group}/${node}`);
    for (const told of state?.aliases.values() ?? []) {
      if (told.device === device && told.name === name) return told.last;
    }
    return undefined;
  }

  isAlive(source: string): boolean {
    const [group, node, device] = source.split("/");
    const state = this.#nodes.get(`${group}/${node}`);
    if (state?.online !== true) return false;
    return device === undefined || state.alive.has(device);
  }

  bdSeq(source: string): number | undefined {
    return this.#nodes.get(source)?.bdSeq;
  }

  accept(message: Recorded): void {
    this.#number += 1;
    this.#where = `#${this.#number} ${message.topic}`;
    const parts = message.topic.split("/");
    const [namespace, group = "", type = "", node = "", device] = parts;
    this.#rule(namespace === "spBv1.0", `namespace ${namespace}`);
    const forDevice = DEVICE_TYPES.includes(type);
    this.#rule(forDevice || NODE_TYPES.includes(type), `unknown message type ${type}`);
    this.#rule(parts.length === (forDevice ? 5 : 4), `${parts.length} topic levels`);
    this.#rule(group !== "" && node !== "" && device !== "", "an empty id");
    this.#rule(!message.retain, "retained");
    this.counts[type] = (this.counts[type] ?? 0) + 1;
    if (type === "NCMD" || type === "DCMD") return;
    this.#rule(message.qos === (type === "NDEATH" ? 1 : 0), `QoS ${message.qos}`);
    const payload = this.#decode(message.payload);
    if (payload === undefined) return;
    const state = this.#nodeState(`${group}/${node}`);
    this.#ids(group, node, device);
    this.#judge(state, payload, type, device ?? "");
  }

  #judge(state: NodeState, payload: OraclePayload, type: string, device: string): void {
    if (type === "NDEATH") {
      this.#nodeDeath(state, payload);
      return;
    }
    this.#envelope(state, payload, type);
    if (type === "NBIRTH") this.#nodeBirth(state, payload);
    else if (type === "NDATA") this.#data(state, payload, undefined);
    else if (type === "DBIRTH") this.#deviceBirth(state, payload, device);
    else if (type === "DDATA") this.#data(state, payload, device);
    else this.#deviceDeath(state, payload, device);
  }

  #rule(holds: boolean, problem: string): void {
    if (!holds) this.problems.push(`${this.#where}: ${problem}`);
  }

  #decode(bytes: Buffer): OraclePayload | undefined {
    try {
      return oracleDecode(bytes);
    } catch (error) {
      this.#rule(false, `no payload: ${error}`);
      return undefined;
    }
  }

  #nodeState(key: string): NodeState {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const state: NodeState = {
      online: false,
      bdSeq: undefined,
      seq: 0,
      aliases: new Map(),
      alive: new Set(),
    };
    this.#nodes.set(key, state);
    return state;
  }

  readonly #seen = new Map<string, string>();

  #ids(group: string, node: string, device: string | undefined): void {
    const id = [group, node, ...(device === undefined ? [] : [device])].join("/");
    const lower = id.toLowerCase();
    const first = this.#seen.get(lower) ?? id;
    this.#seen.set(lower, first);
    this.#rule(first === id, `differs from ${first} only in case`);
  }

  /** What all messages but NDEATH have: a time and the next sequence number. */
  #envelope(state: NodeState, payload: OraclePayload, type: string): void {
    this.#time(payload.timestamp, "message");
    const { seq } = payload;
    this.#rule(seq !== undefined && seq >= 0n && seq <= 255n, `seq ${seq}`);
    if (type === "NBIRTH") {
      this.#rule(seq === 0n, `seq of a birth is ${seq}, not 0`);
    } else {
      this.#rule(state.online, `${type} outside of a session`);
      const expected = (state.seq + 1) % 256;
      this.#rule(seq === BigInt(expected), `seq ${seq}, expected ${expected}`);
    }
    state.seq = Number(seq ?? 0);
  }

  #time(timestamp: bigint | undefined, what: string): void {
    this.#rule(timestamp !== undefined, `${what} without a timestamp`);
    const { from, to } = this.#options;
    if (timestamp === undefined) return;
    const bounded =
      (from === undefined || timestamp >= from) && (to === undefined || timestamp <= to);
    this.#rule(bounded, `${what} has the time ${timestamp}`);
  }

  #nodeBirth(state: NodeState, payload: OraclePayload): void {
    const bdSeq = payload.metrics.find((metric) => metric.name === "bdSeq");
    this.#rule(bdSeq?.datatype === 4 && typeof bdSeq.value === "bigint", "no bdSeq of type Int64");
    const number = Number(bdSeq?.value ?? -1);
    this.#rule(number >= 0 && number <= 255, `bdSeq ${number}`);
    if (state.online) {
      this.#rule(number === state.bdSeq, `bdSeq ${number} in a session of ${state.bdSeq}`);
    } else if (state.bdSeq !== undefined && this.#options.consecutiveSessions !== false) {
      const next = (state.bdSeq + 1) % 256;
      this.#rule(number === next, `bdSeq ${number} after a session of ${state.bdSeq}`);
    }
    const rebirth = payload.metrics.find((metric) => metric.name === REBIRTH);
    this.#rule(rebirth?.datatype === 11 && rebirth.value === false, `no ${REBIRTH} = false`);
    this.#rule(rebirth?.alias === undefined, `${REBIRTH} has an alias`);
    state.aliases.clear();
    state.alive.clear();
    state.online = true;
    state.bdSeq = number;
    this.#birthMetrics(state, payload, undefined);
  }

  #deviceBirth(state: NodeState, payload: OraclePayload, device: string): void {
    for (const [alias, told] of state.aliases) {
      if (told.device === device) state.aliases.delete(alias);
    }
    state.alive.add(device);
    this.#birthMetrics(state, payload, device);
  }

  #birthMetrics(state: NodeState, payload: OraclePayload, device: string | undefined): void {
    this.#rule(payload.metrics.length > 0, "a birth without metrics");
    const names = new Set<string>();
    for (const metric of payload.metrics) {
      const name = metric.name ?? "";
      this.#rule(name !== "", `metric ${metric.alias} without a name`);
      this.#rule(!names.has(name.toLowerCase()), `${name} twice, or differing in case only`);
      names.add(name.toLowerCase());
      this.#rule(metric.datatype !== undefined, `${name} without a datatype`);
      const { alias, datatype = 0 } = metric;
      this.#rule(alias !== undefined || name === REBIRTH, `${name} without an alias`);
      this.#content(metric, name, datatype);
      if (alias === undefined) continue;
      const other = state.aliases.get(alias);
      this.#rule(other === undefined, `alias ${alias} of ${name} is that of ${other?.name}`);
      state.aliases.set(alias, { name, datatype, last: textOf(metric), device });
    }
    this.#chronological(payload);
  }

  #data(state: NodeState, payload: OraclePayload, device: string | undefined): void {
    this.#rule(
      device === undefined || state.alive.has(device),
      "data of a device that is not born",
    );
    this.#rule(payload.metrics.length > 0, "data without metrics");
    for (const metric of payload.metrics) {
      this.#rule(metric.name === undefined, `${metric.name}: data carries the alias alone`);
      this.#rule(metric.datatype === undefined, `alias ${metric.alias}: datatype in data`);
      const told = metric.alias === undefined ? undefined : state.aliases.get(metric.alias);
      this.#rule(told !== undefined && told.device === device, `unknown alias ${metric.alias}`);
      if (told === undefined) continue;
      this.#content(metric, told.name, told.datatype);
      const text = textOf(metric);
      this.#rule(text !== told.last, `${told.name} = ${text} was told before`);
      told.last = text;
    }
    this.#chronological(payload);
  }

  #content(metric: OracleMetric, name: string, datatype: number): void {
    this.#time(metric.timestamp, name);
    const isNull = metric.isNull === true;
    this.#rule(isNull !== (metric.value !== undefined), `${name}: either a value or null`);
    const known = FIELD_OF[datatype];
    this.#rule(known !== undefined, `${name}: datatype ${datatype}`);
    this.#rule(isNull || metric.field === known, `${name}: a ${metric.field} for type ${datatype}`);
    const finite = typeof metric.value !== "number" || Number.isFinite(metric.value);
    this.#rule(finite, `${name} is ${metric.value}`);
  }

  #chronological(payload: OraclePayload): void {
    let last = 0n;
    for (const { isHistorical, timestamp = 0n, name, alias } of payload.metrics) {
      if (isHistorical === true) continue;
      this.#rule(timestamp >= last, `${name ?? alias} is older than the metric before it`);
      last = timestamp;
    }
  }

  #deviceDeath(state: NodeState, payload: OraclePayload, device: string): void {
    this.#rule(state.alive.has(device), "death of a device that is not alive");
    this.#rule(payload.metrics.length === 0, "a device's death with metrics");
    state.alive.delete(device);
  }

  #nodeDeath(state: NodeState, payload: OraclePayload): void {
    const [metric, ...more] = payload.metrics;
    this.#rule(metric?.name === "bdSeq" && more.length === 0, "a death holds bdSeq alone");
    this.#rule(payload.seq === undefined, `seq ${payload.seq} in a death`);
    this.#rule(metric?.field === "long", "bdSeq is no long");
    const number = Number(metric?.value ?? -1);
    // MQTT 5 good-byes speak the will as well; the second death of a session changes nothing.
    this.#rule(number === state.bdSeq, `death of ${number}, the last birth was ${state.bdSeq}`);
    state.online = false;
    state.alive.clear();
  }
}

function textOf(metric: OracleMetric): string | undefined {
  return metric.value === undefined ? undefined : String(metric.value);
}
