import { describe, expect, test } from "vitest";
import type { Probe } from "../../../drivers/contract/driver.ts";
import { identify } from "../../../drivers/vnish/identify.ts";
import { answers } from "./answers.ts";

function probe(web: string | undefined, api: Readonly<Record<string, unknown>> = {}) {
  const questions: string[] = [];
  const made: Probe = {
    api: (command) => {
      questions.push(command);
      const answer = api[command];
      return Promise.resolve(answer === undefined ? undefined : JSON.stringify(answer));
    },
    web: (path) => {
      questions.push(path);
      const page = web === undefined ? undefined : { status: 200, headers: {}, body: web };
      return Promise.resolve(page);
    },
  };
  return { made, questions };
}

const refused = { STATUS: [{ STATUS: "E", Code: 0, Msg: "Invalid command" }] };
const stats = (Type: string) => ({ STATUS: [{ STATUS: "S", Code: 70 }], STATS: [{ Type }, {}] });

describe("identification", () => {
  test("by its own name, with one question", async () => {
    const { made, questions } = probe(JSON.stringify(answers()["info"]));
    const sighting = await identify(made);
    expect(sighting).toMatchObject({
      driver: "vnish",
      confidence: 5,
      identity: { firmware: "VNish", firmwareVersion: "1.2.7", model: "S21 Pro" },
    });
    expect(questions).toEqual(["/api/v1/info"]);
  });

  test("by the later name of the firmware", async () => {
    const info = { ...(answers()["info"] as object), fw_name: "AnthillOS" };
    expect(await identify(probe(JSON.stringify(info)).made)).toBeDefined();
  });

  test("by the type in its statistics where the web is closed", async () => {
    const api = { version: refused, stats: stats("Antminer L9 (Vnish 1.2.6)") };
    const sighting = await identify(probe(undefined, api).made);
    expect(sighting?.identity).toMatchObject({ model: "L9", firmwareVersion: "1.2.6" });
  });

  test.each([
    ["nobody", undefined, {}],
    ["a web page", "<html>AnthillOS</html>", {}],
    ["another firmware's info", '{"fw_name":"Other","miner":"Antminer S21 Pro"}', {}],
    ["info that is no object", "[1]", {}],
    ["a name that is no text", '{"fw_name":7}', {}],
    ["stock", undefined, { version: { STATUS: [{ STATUS: "S", Code: 22 }], VERSION: [{}] } }],
    ["a refusal of code 14", undefined, { version: { STATUS: [{ STATUS: "E", Code: 14 }] } }],
    ["other statistics", undefined, { version: refused, stats: stats("Antminer S9") }],
    ["half a name", undefined, { version: refused, stats: stats("Antminer S9 (Vnish ") }],
  ])("is not %s", async (_name, web, api) => {
    expect(await identify(probe(web, api).made)).toBeUndefined();
  });

  test("asks a machine that knows `version` nothing more", async () => {
    const { made, questions } = probe(undefined, {
      version: { STATUS: [{ STATUS: "S", Code: 22 }] },
    });
    await identify(made);
    expect(questions).toEqual(["/api/v1/info", "version"]);
  });
});
