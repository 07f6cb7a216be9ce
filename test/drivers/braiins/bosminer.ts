// The answers of a BOSminer, by command.

/** In the manner of BOSminer+ 22.02 on an S9; board ids are those of its connectors. */
export const BOSMINER: Record<string, unknown> = {
  version: section("VERSION", [{ API: "3.7", "BOSminer+": "0.2.0-26ba61b9" }]),
  summary: section("SUMMARY", [
    {
      Elapsed: 7200,
      "MHS 5s": 13.2e6,
      "MHS 5m": "13100000",
      "MHS av": 13e6,
      Accepted: 100,
      Rejected: 1,
      Stale: 0,
    },
  ]),
  devs: section("DEVS", [
    { ID: 8, Enabled: "Y", "MHS 5s": 4.4e6, "Nominal MHS": 4.5e6, "Hardware Errors": 2 },
    { ID: 6, Enabled: "Y", "MHS 5s": 4.4e6, "Nominal MHS": 4.5e6, "Hardware Errors": 0 },
  ]),
  devdetails: section("DEVDETAILS", [{ ID: 6, Chips: 63, Frequency: 650, Voltage: 9.1 }]),
  temps: section("TEMPS", [{ ID: 6, Board: 70, Chip: 85 }]),
  fans: section("FANS", [{ FAN: 0, RPM: 4080, Speed: 60 }]),
  tempctrl: section("TEMPCTRL", [
    { Dangerous: 110, Hot: 100, Target: 89, Mode: "Target temperature" },
  ]),
  tunerstatus: section("TUNERSTATUS", [
    {
      ApproximateMinerPowerConsumption: 1380,
      PowerLimit: 1420,
      TunerChainStatus: [{ HashchainIndex: 6, Status: "Stable" }],
    },
  ]),
  pools: section("POOLS", [
    {
      POOL: 0,
      URL: "stratum+tcp://p.test:3333",
      User: "w",
      Status: "Alive",
      "Stratum Active": true,
    },
  ]),
};

function section(name: string, rows: unknown[]) {
  return {
    STATUS: [{ STATUS: "S", Code: 0, Description: "BOSminer+ 0.2.0" }],
    [name]: rows,
    id: 1,
  };
}
