// The files that explain the configuration, made from the schema: schema.json and example.yaml.

import { configOutline, inWords, type Outline, oneOf } from "./outline.ts";

/** `config/schema.json`, for editors and for whoever writes configurations by program. */
export function schemaJson(): string {
  return `${JSON.stringify(configOutline(), undefined, 2)}\n`;
}

const HEADER = `# Configuration of nockd. Every key is here with its meaning, what it may be, and its default.
# A key behind # without a space is switched off; remove the # to use it.`;
const LINE_WIDTH = 100;

/** `config/example.yaml`. Passes the check as it is, and with every switched-off key switched on. */
export function exampleYaml(): string {
  const sections = Object.entries(configOutline().properties ?? {}).map(([key, outline]) => {
    // An agent that reports to a broker nobody has would only fill its log.
    const on = outline.default !== undefined;
    const title = [`# ${outline.description ?? key}.`, `${on ? "" : "#"}${key}:`];
    const entries = outline.items === undefined ? entriesOf(outline, on) : [];
    const list = outline.items === undefined ? [] : listOf(outline.items, on);
    return [...title, ...entries.flatMap((entry) => render(entry, "  ")), ...list].join("\n");
  });
  return `${[HEADER, ...sections].join("\n\n")}\n`;
}

interface Entry {
  readonly key: string;
  readonly note: readonly string[];
  readonly value: string;
  readonly on: boolean;
}

function entriesOf(outline: Outline, on: boolean): Entry[] {
  return Object.entries(outline.properties ?? {}).map(([key, child]) => {
    const used = outline.required?.includes(key) === true || child.default !== undefined;
    return { key, note: explanation(child), value: inline(sample(child)), on: on && used };
  });
}

function render({ key, note, value, on }: Entry, indent: string): string[] {
  const comments = note.flatMap((text) => wrap(text, `${indent}# `));
  return [...comments, `${indent}${on ? "" : "#"}${key}: ${value}`];
}

function wrap(text: string, start: string): string[] {
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(" ")) {
    const longer = line === start ? line + word : `${line} ${word}`;
    if (longer.length > LINE_WIDTH && line !== start) {
      lines.push(line);
      line = start + word;
    } else line = longer;
  }
  return [...lines, line];
}

function explanation(outline: Outline): string[] {
  const unit = outline.unit === undefined || outline.unit === "1" ? "" : ` ${outline.unit}`;
  const fallback =
    outline.default === undefined ? "no default" : `default: ${inline(outline.default)}${unit}`;
  const words = outline.type === "object" ? "keys with values" : inWords(outline);
  return [
    ...(outline.description === undefined ? [] : [outline.description]),
    `${words}; ${fallback}`,
  ];
}

function listOf(items: Outline, on: boolean): string[] {
  return items.oneOf === undefined ? plainList(items, on) : deviceList(items);
}

/** One entry, with every key. */
function plainList(items: Outline, on: boolean): string[] {
  const lines = entriesOf(items, on).flatMap((entry) => render(entry, "    "));
  const start = lines.findIndex((line) => !line.trimStart().startsWith("# "));
  const dashed = (line: string) => line.replace(/^ {4}(#?)/, "  $1- ");
  return lines.map((line, at) => (at === start ? dashed(line) : line));
}

// One device a driver. A key that was explained comes again only where it is required.
function deviceList(items: Outline): string[] {
  const explained = new Set<string>();
  return (items.oneOf ?? []).flatMap((outline, index) => {
    const kind = String(outline.properties?.["driver"]?.const);
    const entries = entriesOf(outline, true)
      .map((entry) => ({ ...entry, value: deviceValue(entry, kind, index) }))
      .sort((a, b) => rank(a.key) - rank(b.key));
    const lines = entries.flatMap((entry) => {
      const note = entry.key === "driver" ? driverNote(items) : entry.note;
      const signature = [entry.key, ...note].join("\n");
      if (!explained.has(signature)) {
        explained.add(signature);
        return render({ ...entry, note }, "    ");
      }
      const isRequired = outline.required?.includes(entry.key) === true;
      return isRequired ? render({ ...entry, note: [] }, "    ") : [];
    });
    const start = lines.findIndex((line) => !line.trimStart().startsWith("# "));
    return lines.map((line, at) => (at === start ? `  - ${line.trimStart()}` : line));
  });
}

const FIRST_KEYS = ["id", "driver", "host"];

function rank(key: string): number {
  const place = FIRST_KEYS.indexOf(key);
  return place < 0 ? FIRST_KEYS.length : place;
}

function driverNote(items: Outline): string[] {
  const kinds = (items.oneOf ?? []).map((option) => option.properties?.["driver"]?.const);
  return ["Which firmware answers", `${oneOf(kinds.map(String))}; no default`];
}

function deviceValue(entry: Entry, kind: string, index: number): string {
  if (entry.key === "id") return `${kind}-1`;
  if (entry.key === "host") return `192.168.1.${20 + index}`;
  return entry.value;
}

function sample(outline: Outline): unknown {
  const shown = outline.default ?? outline.const ?? outline.examples?.[0] ?? outline.enum?.[0];
  if (shown !== undefined) return shown;
  if (outline.type === "number" || outline.type === "integer") return outline.minimum ?? 1;
  if (outline.type === "boolean") return true;
  return outline.secret === true ? "change-me" : "text";
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${key}: ${inline(item)}`);
    return `{ ${pairs.join(", ")} }`;
  }
  if (typeof value !== "string") return JSON.stringify(value);
  // Plain where YAML reads it as the same text.
  const isPlain = /^[a-z/][\w/.:-]*$/i.test(value) && !/^(?:true|false|null)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
