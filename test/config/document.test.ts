import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkConfig, formatErrors } from "../../config/check.ts";
import { exampleYaml, schemaJson } from "../../config/document.ts";
import { configOutline, type Outline } from "../../config/outline.ts";
import { drivers } from "../../drivers/index.ts";

const file = (name: string) =>
  readFileSync(new URL(`../../config/${name}`, import.meta.url), "utf8");
const HOW = "out of date: run `node scripts/config-docs.mjs`";

describe("generated files", () => {
  test("schema.json is up to date", () => {
    expect(file("schema.json") === schemaJson(), HOW).toBe(true);
  });

  test("example.yaml is up to date", () => {
    expect(file("example.yaml") === exampleYaml(), HOW).toBe(true);
  });

  test("example.yaml passes the check, with one device a driver", () => {
    const checked = checkConfig(file("example.yaml"));
    expect(checked.ok ? "" : formatErrors(checked.errors, "example.yaml")).toBe("");
    const kinds = checked.ok ? checked.config.devices.map(({ driver }) => driver) : [];
    expect(kinds).toEqual(drivers.map(({ kind }) => kind));
  });

  test("example.yaml passes the check with everything switched on", () => {
    const all = file("example.yaml").replaceAll(/^( *)#(?! )/gm, "$1");
    expect(all).toContain("\nmqtt:\n");
    const checked = checkConfig(all);
    expect(checked.ok ? "" : formatErrors(checked.errors, "example.yaml")).toBe("");
  });

  test("example.yaml changes nothing: what it sets is the default", () => {
    const example = checkConfig(file("example.yaml"));
    const empty = checkConfig("{}");
    if (!example.ok || !empty.ok) throw new Error("no configuration");
    expect({ ...example.config, devices: [] }).toEqual(empty.config);
  });

  test("example.yaml names every key", () => {
    const text = file("example.yaml");
    for (const { path } of leaves(configOutline(), "")) {
      const key = path.slice(path.lastIndexOf(".") + 1);
      expect(text, path).toMatch(new RegExp(`^ *(?:- |#)?${key}:`, "m"));
    }
  });

  test("example.yaml fits a terminal", () => {
    for (const line of file("example.yaml").split("\n")) {
      if (line.trimStart().startsWith("# ")) expect(line.length, line).toBeLessThanOrEqual(100);
    }
  });
});

interface Leaf {
  readonly path: string;
  readonly outline: Outline;
}

function leaves(outline: Outline, path: string): Leaf[] {
  const children = [
    ...(outline.oneOf ?? []).flatMap((option) => leaves(option, path)),
    ...Object.entries(outline.properties ?? {}).flatMap(([key, child]) =>
      leaves(child, path === "" ? key : `${path}.${key}`),
    ),
    ...(outline.items?.oneOf === undefined ? [] : leaves(outline.items, `${path}[*]`)),
  ];
  return children.length > 0 ? children : [{ path, outline }];
}

describe("every key", () => {
  const all = leaves(configOutline(), "").filter(({ path }) => !path.endsWith(".driver"));

  test.each(all.map((leaf) => [leaf.path, leaf.outline] as const))(
    "%s is explained",
    (_, outline) => {
      expect(outline.description).toMatch(/\S{3}/);
    },
  );

  const numbers = all.filter(({ outline }) => /^(?:number|integer)$/.test(outline.type ?? ""));
  test.each(numbers.map((leaf) => [leaf.path, leaf.outline] as const))(
    "%s has a range, and its default lies in it",
    (_, outline) => {
      expect(outline.minimum).toBeGreaterThan(Number.MIN_SAFE_INTEGER);
      expect(outline.maximum).toBeLessThan(Number.MAX_SAFE_INTEGER);
      if (outline.default === undefined) return;
      expect(outline.default).toBeGreaterThanOrEqual(outline.minimum ?? Infinity);
      expect(outline.default).toBeLessThanOrEqual(outline.maximum ?? -Infinity);
    },
  );

  const UNITS: readonly (readonly [ending: RegExp, unit: string])[] = [
    [/KelvinPerSecond$/, "K/s"],
    [/Seconds$/, "s"],
    [/Minutes$|^minutes/, "min"],
    [/Hours$/, "h"],
    [/PerDay$/, "1/d"],
    [/Days$/, "d"],
    [/Celsius$/, "°C"],
    [/Kelvin$/, "K"],
    [/Watts$/, "W"],
    [/Bytes$/, "B"],
    [/PerThDay$/, "per TH/s and day"],
    [/PerKwh$/, "per kWh"],
    [/Decibels$/, "dB"],
  ];
  test.each(numbers.map((leaf) => [leaf.path, leaf.outline] as const))(
    "%s has the unit that its name says",
    (path, outline) => {
      const key = path.slice(path.lastIndexOf(".") + 1);
      const named = UNITS.find(([ending]) => ending.test(key))?.[1];
      if (named !== undefined) expect(outline.unit).toBe(named);
      else expect(outline.unit ?? "1").toBe("1");
    },
  );
});
