// The edge node of Sparkplug B 3.0 as a machine without I/O: states of devices and the time go in,
// messages to publish come out.
//
//   offline --birth()--> online --lost() or death()--> offline
//     device: unborn --up--> born (DBIRTH) --change--> born (DDATA) --down, forget--> unborn (DDEATH)
//
// Offline it only remembers the present state of each device, so an outage takes no memory.

import type { EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { DeviceBirth } from "./device-birth.ts";
import { samplesOf } from "./metrics.ts";
import type { Sample } from "./sample.ts";
import { DATATYPES } from "./sparkplug/datatype.ts";
import { encodePayload, type Metric } from "./sparkplug/payload.ts";
import {
  checkId,
  type DeviceType,
  formatTopic,
  type MessageType,
  type NodeType,
} from "./sparkplug/topic.ts";

/** Never retained: a retained birth would outlive its session. */
export interface Message {
  readonly type: MessageType;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
}

export interface NodeIdentity {
  /** Sparkplug's group id: the site. */
  readonly group: string;
  /** Sparkplug's edge node id: this agent, unique in its group. */
  readonly node: string;
  readonly version: string;
}

export const REBIRTH = "Node Control/Rebirth";
const BD_SEQ = "bdSeq";

interface Device {
  state: DeviceState;
  readonly birth: DeviceBirth;
}

interface Online {
  readonly bdSeq: number;
  seq: number;
}

export class EdgeNode {
  readonly #identity: NodeIdentity;
  readonly #devices = new Map<string, Device>();
  readonly #self: DeviceBirth;
  #aliases = 0;
  #online: Online | undefined;

  /** Throws RangeError for a group or node that no topic can hold. */
  constructor(identity: NodeIdentity) {
    checkId("mqtt.group", identity.group);
    checkId("edge node id", identity.node);
    this.#identity = identity;
    this.#self = new DeviceBirth(this.#nextAlias);
  }

  /** Topics of commands: for the node and for its devices. */
  get subscriptions(): string[] {
    const { group, node } = this.#identity;
    return [formatTopic({ group, type: "NCMD", node }), `spBv1.0/${group}/DCMD/${node}/+`];
  }

  /** The death that the broker publishes for us, to be given with CONNECT: bdSeq and nothing else. */
  will(bdSeq: number): Message {
    const metrics = [{ name: BD_SEQ, ...bdSeqValue(bdSeq) }];
    const { group, node } = this.#identity;
    const topic = formatTopic({ group, type: "NDEATH", node });
    // No timestamp: it would say when the session began, not when it ended.
    return { type: "NDEATH", topic, payload: encodePayload({ metrics }), qos: 1 };
  }

  /** After CONNECT with the will of the same bdSeq: the node's birth, then that of each device. */
  birth(bdSeq: number, now: EpochMs): Message[] {
    this.#online = { bdSeq, seq: 0 };
    const nodeBirth = this.#nodeBirth(this.#online, now);
    const births = [...this.#devices.values()]
      .filter((device) => isReachable(device.state))
      .map((device) => this.#deviceBirth(device, now));
    return [nodeBirth, ...births];
  }

  /** The same births again in the same session; nothing while offline. */
  rebirth(now: EpochMs): Message[] {
    return this.#online === undefined ? [] : this.birth(this.#online.bdSeq, now);
  }

  /** Throws RangeError for a device id that no topic can hold. */
  observe(state: DeviceState, now: EpochMs): Message[] {
    const device = this.#remember(state);
    if (this.#online === undefined) return [];
    return [...this.#deviceMessages(device, now), ...this.#nodeData(now)];
  }

  /** Takes the state without telling it: it goes out with the next call of observe or birth. */
  remember(state: DeviceState): void {
    this.#remember(state);
  }

  forget(id: string, now: EpochMs): Message[] {
    const device = this.#devices.get(id);
    this.#devices.delete(id);
    if (device === undefined || this.#online === undefined) return [];
    return [...this.#deviceDeath(device, now), ...this.#nodeData(now)];
  }

  /** The connection ended without us. The broker speaks the will. */
  lost(): void {
    this.#online = undefined;
    for (const device of this.#devices.values()) device.birth.end();
    this.#self.end();
  }

  /** The orderly end: a death of each device and of the node. */
  death(now: EpochMs): Message[] {
    const online = this.#online;
    if (online === undefined) return [];
    const deaths = [...this.#devices.values()].flatMap((device) => this.#deviceDeath(device, now));
    this.lost();
    return [...deaths, this.will(online.bdSeq)];
  }

  #remember(state: DeviceState): Device {
    const known = this.#devices.get(state.id);
    if (known !== undefined) {
      known.state = state;
      return known;
    }
    checkId("device id", state.id);
    const device = { state, birth: new DeviceBirth(this.#nextAlias) };
    this.#devices.set(state.id, device);
    return device;
  }

  #deviceMessages(device: Device, now: EpochMs): Message[] {
    if (!isReachable(device.state)) return this.#deviceDeath(device, now);
    const samples = samplesOf(device.state);
    if (!device.birth.covers(samples)) return [this.#deviceBirth(device, now, samples)];
    const changes = device.birth.changes(samples, device.state.telemetry?.at ?? now);
    return changes.length === 0 ? [] : [this.#message("DDATA", changes, now, device.state.id)];
  }

  #deviceBirth(device: Device, now: EpochMs, samples = samplesOf(device.state)): Message {
    return this.#message("DBIRTH", device.birth.begin(samples), now, device.state.id);
  }

  #deviceDeath(device: Device, now: EpochMs): Message[] {
    if (!device.birth.isAlive) return [];
    device.birth.end();
    return [this.#message("DDEATH", [], now, device.state.id)];
  }

  #nodeBirth(online: Online, now: EpochMs): Message {
    // A birth of the node is a new start for all: hosts drop what they knew of the devices.
    for (const device of this.#devices.values()) device.birth.end();
    const own: Metric[] = [
      { name: BD_SEQ, alias: 0, timestamp: now, ...bdSeqValue(online.bdSeq) },
      {
        // By name alone, so that a host without a birth can ask for one.
        name: REBIRTH,
        timestamp: now,
        datatype: DATATYPES.Boolean,
        value: { field: "boolean", value: false },
      },
    ];
    const samples = this.#nodeSamples(now, this.#reachable());
    return this.#message("NBIRTH", [...own, ...this.#self.begin(samples)], now);
  }

  #nodeData(now: EpochMs): Message[] {
    const changes = this.#self.changes(this.#nodeSamples(now, this.#reachable()), now);
    return changes.length === 0 ? [] : [this.#message("NDATA", changes, now)];
  }

  #reachable(): number {
    let count = 0;
    for (const device of this.#devices.values()) if (isReachable(device.state)) count += 1;
    return count;
  }

  #nodeSamples(at: EpochMs, up: number): Sample[] {
    return [
      { name: "Properties/Agent", type: "String", value: "nockd", at },
      { name: "Properties/Agent Version", type: "String", value: this.#identity.version, at },
      { name: "Devices/Known", type: "Int32", value: this.#devices.size, at },
      { name: "Devices/Up", type: "Int32", value: up, at },
    ];
  }

  #message(type: NodeType | DeviceType, metrics: Metric[], now: EpochMs, device?: string): Message {
    const { group, node } = this.#identity;
    const topic = formatTopic({ group, type, node, ...(device === undefined ? {} : { device }) });
    const payload = encodePayload({ timestamp: now, metrics, seq: this.#nextSeq() });
    return { type, topic, payload, qos: 0 };
  }

  #nextSeq(): number {
    const online = this.#online;
    if (online === undefined) throw new Error("a message was made while offline");
    const { seq } = online;
    online.seq = (seq + 1) % 256;
    return seq;
  }

  /** Starts at 1; 0 is bdSeq's. Never used twice, so a host's old tables can do no harm. */
  readonly #nextAlias = (): number => {
    this.#aliases += 1;
    return this.#aliases;
  };
}

const bdSeqValue = (value: number) =>
  ({ datatype: DATATYPES.Int64, value: { field: "long", value } }) as const;

const isReachable = (state: DeviceState): boolean =>
  state.link.status === "up" && state.telemetry !== undefined;
