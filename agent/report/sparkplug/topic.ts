// Sparkplug's topics: spBv1.0/<group>/<type>/<edge node>[/<device>].

export const NAMESPACE = "spBv1.0";

export const NODE_TYPES = ["NBIRTH", "NDEATH", "NDATA", "NCMD"] as const;
export const DEVICE_TYPES = ["DBIRTH", "DDEATH", "DDATA", "DCMD"] as const;
export type NodeType = (typeof NODE_TYPES)[number];
export type DeviceType = (typeof DEVICE_TYPES)[number];
export type MessageType = NodeType | DeviceType;

export interface Topic {
  readonly group: string;
  readonly type: MessageType;
  readonly node: string;
  /** Present for the D... types alone. */
  readonly device?: string;
}

/** MQTT's separators and wildcards, and characters that no log shows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[+#/\u0000-\u001f\u007f]/;

/** Throws a RangeError that names `what`: an id must not be empty and not hold + / # or controls. */
export function checkId(what: string, id: string): string {
  if (id === "" || FORBIDDEN.test(id)) {
    throw new RangeError(
      `${what}: expected a name without "+", "/", "#" and control characters, got ${JSON.stringify(id)}`,
    );
  }
  return id;
}

export function formatTopic(topic: Topic): string {
  const node = `${NAMESPACE}/${topic.group}/${topic.type}/${topic.node}`;
  return topic.device === undefined ? node : `${node}/${topic.device}`;
}

/** Undefined for topics of another namespace, host states included. */
export function parseTopic(text: string): Topic | undefined {
  const [namespace, group, type, node, device, ...rest] = text.split("/");
  if (namespace !== NAMESPACE || rest.length > 0 || !group || !node) return undefined;
  const nodeType = NODE_TYPES.find((name) => name === type);
  if (nodeType !== undefined) {
    return device === undefined ? { group, type: nodeType, node } : undefined;
  }
  const deviceType = DEVICE_TYPES.find((name) => name === type);
  return deviceType !== undefined && device ? { group, type: deviceType, node, device } : undefined;
}
