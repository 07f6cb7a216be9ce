// The arrows of the house, checked over the import statements of every source file.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** room -> rooms that it may import. Node's modules and npm packages are not rooms. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "drivers/contract": [],
  "drivers/transport": ["drivers/contract"],
  "drivers/hardware": ["drivers/contract"],
  "drivers/<speaker>": ["drivers/contract", "drivers/transport", "drivers/hardware"],
  drivers: ["drivers/<speaker>", "drivers/contract", "drivers/transport", "drivers/hardware"],
  config: ["drivers", "drivers/contract"],
  "agent/security": [],
  "agent/state": ["drivers/contract"],
  "agent/decide": ["drivers/contract", "config", "agent/state"],
  "agent/health": ["drivers/contract", "config", "agent/state"],
  "agent/fleet": ["drivers", "drivers/contract", "drivers/transport", "config", "agent/state"],
  "agent/report": ["drivers/contract", "config", "agent/state"],
  "agent/api": ["drivers/contract", "config", "agent/state", "agent/security"],
  "agent/cli": ["*"],
  agent: ["*"],
};

/** These may import every room below, and no room may import them. */
const TOP_ROOMS = ["agent", "agent/cli"];
const SHARED_DRIVER_ROOMS = ["contract", "transport", "hardware"];

/** The room of a file, by its path from the root of the project. */
export function roomOf(file: string): string {
  const [top = "", second = "", third] = file.split("/");
  if (top === "drivers") {
    if (third === undefined) return "drivers";
    return SHARED_DRIVER_ROOMS.includes(second) ? `drivers/${second}` : "drivers/<speaker>";
  }
  if (top === "agent" && third !== undefined) return `agent/${second}`;
  return top;
}

export interface Graph {
  /** file -> files that it imports, both from the root of the project. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

const SHIPPED = ["agent", "drivers", "config"];

/** Static, dynamic, re-exporting and type imports of all TypeScript files of the folders, the shipped ones by default. */
export function readGraph(root: string, folders = SHIPPED): Graph {
  const imports = new Map<string, readonly string[]>();
  for (const top of folders) {
    for (const file of sourceFiles(join(root, top))) {
      const found = importsOf(readFileSync(file, "utf8"))
        .filter((name) => name.startsWith("."))
        .map((name) => relative(root, resolve(dirname(file), name)));
      imports.set(relative(root, file), found);
    }
  }
  return { imports };
}

function sourceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(source: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)["']([^"']+)["']/g;
  return Array.from(source.matchAll(pattern), (match) => match[1] ?? "");
}

/** Every import that goes against the arrows, in words. */
export function backArrows(graph: Graph): string[] {
  const wrong: string[] = [];
  for (const [file, targets] of graph.imports) {
    const from = roomOf(file);
    for (const target of targets) {
      if (!allowed(from, file, target)) wrong.push(`${file} -> ${target}`);
    }
  }
  return wrong;
}

function allowed(from: string, file: string, target: string): boolean {
  const to = roomOf(target);
  const arrows = ARROWS[from];
  if (arrows === undefined) return false;
  // Speakers share one rule and must not import one another.
  if (from === "drivers/<speaker>" && to === from) return folderOf(file) === folderOf(target);
  if (from === to) return true;
  if (arrows.includes("*")) return to in ARROWS && (to !== "agent/cli" || file === "agent/main.ts");
  return arrows.includes(to) && !TOP_ROOMS.includes(to);
}

const folderOf = (file: string): string => file.split("/").slice(0, 2).join("/");

/** Import cycles, each named by its files. */
export function cycles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push([...path.slice(start), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.imports.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.imports.keys()) visit(file);
  return found;
}
