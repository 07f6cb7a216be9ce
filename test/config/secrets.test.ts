import { expect, test } from "vitest";
import { createLog } from "../../agent/log.ts";
import { checkConfig } from "../../config/check.ts";
import { configOutline, type Outline } from "../../config/outline.ts";
import { secretPaths } from "../../config/secrets.ts";

test("are where the schema marks them", () => {
  expect(secretPaths()).toContain("mqtt.password");
  expect(secretPaths()).toContain("devices[*].password");
  expect(new Set(secretPaths()).size).toBe(secretPaths().length);
});

test("no key with such a name is unmarked", () => {
  const unmarked: string[] = [];
  const walk = (outline: Outline) => {
    for (const [key, child] of Object.entries(outline.properties ?? {})) {
      if (/pass|secret|token|pin$/i.test(key) && child.secret !== true) unmarked.push(key);
      walk(child);
    }
    for (const option of outline.oneOf ?? []) walk(option);
    if (outline.items !== undefined) walk(outline.items);
  };
  walk(configOutline());
  expect(unmarked).toEqual([]);
});

test("a whole configuration can be logged", () => {
  const checked = checkConfig(`
mqtt: { url: mqtt://b, username: me, password: hunter22 }
devices: [{ id: a, driver: antminer, host: h, password: hunter22 }]
`);
  if (!checked.ok) throw new Error("no configuration");
  const lines: string[] = [];
  const log = createLog({
    ...checked.config.log,
    redact: secretPaths(),
    now: () => 0,
    sink: { write: (line) => lines.push(line) },
  });
  log.info({ config: checked.config }, "started");
  log.info({ device: checked.config.devices[0] }, "opened");
  log.info(checked.config, "all");
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("hunter22");
  expect(lines.join("")).toContain('"host":"h"');
});
