import { describe, expect, test } from "vitest";
import { faultOf } from "../../../drivers/whatsminer/faults.ts";

describe("error codes in words", () => {
  test.each([
    ["110", "fan 0", "inlet fan does not turn at the commanded speed"],
    ["234", "psu", "output over-temperature protection"],
    ["268", "psu", "output over-current protection"],
    ["329", "control board", "temperature sensor of the control board does not answer"],
    ["321", "board 1", "board 1: temperature cannot be read"],
    ["530", "board 0", "board 0: not detected"],
    ["2022", "pool 2", "pool 2 cannot be reached"],
    ["2110", "board 0", "board 0: failed the factory test"],
    ["5080", "board", "chip temperature calibration failed: the vendor advises a factory reset"],
    ["5172", "board 2", "board 2: frequency ramp timed out"],
    ["521073", "chip", "board 1 chip 073: wrong nonces"],
    ["5617", "chip", "board 1 chip 7: no nonces"],
    ["8531", "psu", "power above grade 3"],
    ["110001", "control board", "malware was removed: update the firmware"],
  ])("%s", (code, component, text) => {
    expect(faultOf(code)).toEqual({ code, component, text });
  });

  test("a code that is not in the table keeps its number and its class", () => {
    expect(faultOf("299")).toEqual({
      code: "299",
      component: "psu",
      text: "code 299 is not in the table",
    });
    expect(faultOf("77")).toEqual({ code: "77", text: "code 77 is not in the table" });
  });

  test("no text keeps a letter that stands for a digit", () => {
    for (let code = 100; code < 10_000; code += 1) {
      const { text, component } = faultOf(String(code));
      expect(`${text} ${component}`).not.toMatch(/\b[nxcL]\b/);
    }
  });
});
