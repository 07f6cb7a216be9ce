import { describe, expect, it } from "vitest";
import { ANTMINERS, findAntminer } from "../../../drivers/hardware/antminer.ts";

describe("the model table of Antminers", () => {
  it.each([
    ["Antminer S19k Pro", "S19k Pro"],
    ["Antminer S19 Pro Hyd.", "S19 Pro Hyd"],
    ["Antminer S21 (Vnish 1.2.6)", "S21"],
    ["S19-88 v.2.6.0.39 ", "S19 No PIC"],
    ["Antminer S9 Hiveon", "S9"],
    ["Antminer S19x88 Hiveon", "S19 No PIC"],
    ["Antminer S19j Pro No PIC", "S19j Pro No PIC"],
    ["Antminer S9\nV1.3.58", "S9"],
    ["ANTMINER S19J PRO", "S19j Pro"],
    ["Antminer S21+ Hyd.", "S21+ Hyd"],
    ["Antminer BHB42XXX", "S19j Pro"],
    ["BHB42XXXX", "S19j Pro+"],
    ["BHB68606", "S21"],
    ["HHB68XXX", "S21 Hyd"],
    ["H6HB70701", "S21+ Hyd"],
    ["Antminer KS5 Pro", "KS5 Pro"],
  ])("%j is a %s", (text, name) => {
    expect(findAntminer(text)?.name).toBe(name);
  });

  it.each(["", "Antminer", "Antminer S99", "WhatsMiner M50S", "S19 Prox"])("%j is none", (text) => {
    expect(findAntminer(text)).toBeUndefined();
  });

  it("finds each model by its own name and by the maker's spelling", () => {
    for (const model of ANTMINERS) {
      expect(findAntminer(model.name)?.name).toBe(model.name);
      expect(findAntminer(`Antminer ${model.name}.`)?.name).toBe(model.name);
    }
  });

  it("states rates in base units and windows in mV", () => {
    expect(findAntminer("S19k Pro")).toMatchObject({
      boards: 3,
      chipsPerBoard: 77,
      fans: 4,
      nameplate: 121.8e12,
      envelope: { frequency: { min: 490, max: 695 }, voltage: { min: 12_000, max: 14_500 } },
    });
    expect(findAntminer("D9")?.nameplate).toBe(1770e9);
    expect(findAntminer("Z15 Pro")?.nameplate).toBe(840e3);
  });
});
