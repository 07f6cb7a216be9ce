import { describe, expect, it } from "vitest";
import type { Probe } from "../../../drivers/contract/driver.ts";
import { luxos } from "../../../drivers/luxos/index.ts";
import { fixture } from "./canned.ts";

function probe(answers: Record<string, string>): Probe {
  return {
    api: (command) => Promise.resolve(answers[command]),
    web: () => Promise.reject(new Error("LuxOS is known by its API alone")),
  };
}

const version = JSON.stringify(fixture()["version"]);
const config = JSON.stringify(fixture()["config"]);

describe("recognising LuxOS", () => {
  it("knows it by the name of its version, and asks who it is", async () => {
    const sighting = await luxos.identify(probe({ version: `${version}\0`, config }));
    expect(sighting).toMatchObject({
      driver: "luxos",
      confidence: 5,
      identity: {
        firmware: "LuxOS",
        firmwareVersion: "2025.4.8.220305",
        model: "S19k Pro",
        mac: "02:00:5E:10:00:01",
      },
    });
  });

  it("knows it without its config", async () => {
    const sighting = await luxos.identify(probe({ version }));
    expect(sighting?.identity).toMatchObject({ model: "S19k Pro", modelKnown: true });
    expect(sighting?.identity.mac).toBeUndefined();
  });

  it.each([
    ["stock", '{"STATUS":[{"STATUS":"S"}],"VERSION":[{"BMMiner":"2.0.0","Type":"Antminer S9"}]}'],
    ["VNish", '{"STATUS":[{"STATUS":"E","Code":0,"Msg":"Invalid command"}],"id":1}'],
    ["a web page", "<html></html>"],
    ["half an answer", version.slice(0, 60)],
  ])("does not take %s for LuxOS", async (_name, answer) => {
    expect(await luxos.identify(probe({ version: answer }))).toBeUndefined();
  });

  it("is no sighting when nothing answers", async () => {
    expect(await luxos.identify(probe({}))).toBeUndefined();
  });
});
