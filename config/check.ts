// The one way from a text to a Config: everything that is wrong with it, at once, each with its line.

import { applyCredentials, type Inherited } from "./credentials.ts";
import { explainIssue, type Finding, valueAt } from "./issues.ts";
import { outlineAt } from "./outline.ts";
import type { Path } from "./plain.ts";
import { printable } from "./printable.ts";
import { checkRules } from "./rules.ts";
import { type Config, configSchema } from "./schema.ts";
import { decodeUtf8, type SyntaxProblem } from "./yaml-limits.ts";
import { parseYaml, type Source } from "./yaml-source.ts";

export interface ConfigError {
  /** `devices[2].port`; empty for the file as a whole. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** As the file has it; secrets are `***`; absent where no single value is wrong. */
  readonly value?: string;
  readonly expected: string;
  readonly message: string;
}

export type CheckedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** More are cut off: the reader has lost the thread long before. */
const MAX_ERRORS = 200;

/** Checks a configuration, YAML or JSON; bytes must be UTF-8. Never throws for what a text holds. */
export function checkConfig(text: string | Uint8Array): CheckedConfig {
  const decoded = typeof text === "string" ? text : decodeUtf8(text);
  if (typeof decoded !== "string") return { ok: false, errors: [syntaxError(decoded)] };
  const { source, problems } = parseYaml(decoded);
  const errors = problems.slice(0, MAX_ERRORS).map(syntaxError);
  if (source === undefined) return { ok: false, errors };
  const { value, inherited } = applyCredentials(source.value);
  const parsed = configSchema.safeParse(value);
  const findings = [
    ...atRules(
      (parsed.error?.issues ?? []).flatMap((issue) => explainIssue(issue, value)),
      inherited,
    ),
    ...checkRules(source.value).map((problem) => ({ ...problem, atKey: false })),
  ];
  const found = findings.slice(0, MAX_ERRORS).map((finding) => errorAt(finding, source));
  const all = [...errors, ...found].sort(inFileOrder);
  if (all.length === 0 && parsed.success) return { ok: true, config: parsed.data };
  return { ok: false, errors: all };
}

/** One line an error, for people: `config.yaml:12:9: devices[2].port: ...`. */
export function formatErrors(errors: readonly ConfigError[], fileName: string): string {
  return errors
    .map(({ path, line, column, value, expected, message }) => {
      const what = value === undefined ? message : `${value} ${message}`;
      const where = path === "" ? "" : ` ${path}:`;
      return `${fileName}:${line}:${column}:${where} ${what} (expected: ${expected})`;
    })
    .join("\n");
}

function syntaxError({ path, line, column, expected, message }: SyntaxProblem): ConfigError {
  return { path: pathText(path), line, column, expected, message };
}

/**
 * What a device got from a rule is wrong there, once for all of its devices: their own entries have no
 * such key.
 */
function atRules(findings: readonly Finding[], inherited: readonly Inherited[]): Finding[] {
  const rules = new Map(inherited.map((each) => [pathText(each.path), each]));
  const told = new Set<string>();
  return findings.flatMap((finding) => {
    const rule = rules.get(pathText(finding.path));
    if (rule === undefined) return [finding];
    const key = pathText(rule.from);
    if (told.has(key)) return [];
    told.add(key);
    const message = `does not fit device ${JSON.stringify(rule.device)}, which it matches`;
    return [{ ...finding, path: rule.from, message }];
  });
}

function errorAt(finding: Finding, source: Source): ConfigError {
  const { path } = finding;
  const place = finding.atKey ? source.placeOfKey(path) : source.placeOf(path);
  const value = finding.atKey ? undefined : shown(path, source.value);
  return {
    path: pathText(path),
    ...place,
    ...(value === undefined ? {} : { value }),
    expected: finding.expected,
    message: finding.message,
  };
}

const inFileOrder = (a: ConfigError, b: ConfigError): number =>
  a.line - b.line || a.column - b.column;

function pathText(path: Path): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return printable(text.replace(/^\./, ""));
}

const MAX_SHOWN = 60;

function shown(path: Path, root: unknown): string | undefined {
  const value = valueAt(root, path);
  if (value === undefined || value === null) return undefined;
  const isSecret = path.some(
    (_, index) => outlineAt(path.slice(0, index + 1), root)?.secret === true,
  );
  if (isSecret) return "***";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "keys with values";
  const written = typeof value === "number" ? String(value) : JSON.stringify(value);
  // A password may stand in an address, where it does not belong.
  const text = printable(written.replaceAll(/\/\/[^"]*@/g, "//***@"));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
