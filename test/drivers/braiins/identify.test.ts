import { expect, test } from "vitest";
import { identify } from "../../../drivers/braiins/identify.ts";
import type { Probe } from "../../../drivers/contract/driver.ts";

interface Answers {
  readonly version?: string;
  readonly pages?: Readonly<Record<string, string>>;
}

const probe = ({ version, pages = {} }: Answers): Probe => ({
  api: (command) => Promise.resolve(command === "version" ? version : undefined),
  web: (path) => {
    const body = pages[path];
    return Promise.resolve(body === undefined ? undefined : { status: 200, headers: {}, body });
  },
});

const report = (version: object) =>
  JSON.stringify({ STATUS: [{ STATUS: "S", Code: 22 }], VERSION: [version], id: 1 });

test.each([
  ["BOSer of 22.08 and later", { API: "3.7", BOSer: "boser-openwrt 0.1.0-11012d53" }, "Braiins OS"],
  ["BOSminer+", { API: "3.7", "BOSminer+": "0.2.0-26ba61b9" }, "Braiins OS+"],
  ["BOSminer", { API: "3.7", BOSminer: "0.1.0" }, "Braiins OS"],
])("%s names itself on 4028", async (_name, version, firmware) => {
  const sighting = await identify(probe({ version: report(version) }));
  expect(sighting).toMatchObject({
    driver: "braiins",
    confidence: 5,
    identity: { firmware, apiVersion: "3.7", modelKnown: false },
  });
});

test("a machine without 4028 is known by its page", async () => {
  const pages = {
    "/": "<title>Braiins OS+</title>",
    "/api/v1/version/": '{"major":1,"minor":1,"patch":0}',
  };
  expect(await identify(probe({ pages }))).toMatchObject({
    driver: "braiins",
    confidence: 4,
    identity: { apiVersion: "1.1.0" },
  });
});

test.each([
  [
    "a stock Antminer",
    { version: report({ API: "3.1", Miner: "49.0.1.3", CompileTime: "x", Type: "Antminer S19" }) },
  ],
  [
    "a machine on LuxOS",
    { version: report({ API: "3.7", LUXminer: "2025.4.8" }), pages: { "/": "Luxor Firmware" } },
  ],
  ["nobody", {}],
  ["noise", { version: "<html>", pages: { "/": "<title>AnthillOS</title>" } }],
])("%s is not taken for Braiins OS", async (_name, answers) => {
  expect(await identify(probe(answers))).toBeUndefined();
});
