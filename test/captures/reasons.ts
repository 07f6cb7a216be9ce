// Why a capture is not read, or a value is not what its source states: by set, or by set and field.

const EPIC = "antminer/s19-xp--epic--1.5.13";
const L9 = "antminer/l9--vnish--1.2.6";
const A1246 = "avalon/a1246-83--21072802_4ec6bb0_211fc46";
const M20S = "whatsminer/m20s--20210322.22.REL";

/** Sets of which the driver's session can make no reading. */
export const NOT_READ: Readonly<Record<string, string>> = {
  "antminer/s21--stock--fr-1.12-251009":
    "one file, who it is; no question of a reading was recorded (test/drivers/antminer/captures.test.ts)",
  "avalon/nano3s--25021401_56abae7":
    "no estats, which carries every value of a reading (test/drivers/avalon/captures.test.ts)",
  "whatsminer/m50_vh84--20250915.16.Rel2":
    "no get.miner.status; read with our own in its place (test/drivers/whatsminer/captures-v3.test.ts)",
};

export const DIFFERENT: Readonly<Record<string, string>> = {
  [`${L9} unit_of_hr_realtime`]: "a unit, not a value (test/drivers/vnish/capture.test.ts)",
  [`${L9} unit_of_instant_hashrate`]: "a unit, not a value (test/drivers/vnish/capture.test.ts)",
  [`${EPIC} target_temp_c`]:
    "the contract has no temperature target (test/drivers/epic/capture.test.ts)",
  [`${EPIC} idle_speed`]:
    "the contract has no idle speed of fans (test/drivers/epic/capture.test.ts)",
  [`${EPIC} board1_chip69_hashrate_mhs`]:
    "telemetry has no single chips (test/drivers/epic/capture.test.ts)",
  [`${EPIC} board2_chip72_hashrate_mhs`]:
    "telemetry has no single chips (test/drivers/epic/capture.test.ts)",
  "auradine/at1500--2023-12.27 psu_fans": "the supply's own fans have no place in telemetry",
  [`${A1246} control_board`]: "it is in version, which this set lacks",
  [`${A1246} wattage_w`]:
    "the source takes PS[4], what the supply delivers; ours is PS[6], at the wall",
  [`${A1246} board0_freq_mhz`]:
    "the source gives the machine's Freq; ours is the mean of the board's clocks",
  [`${A1246} avg_temp_c`]: "a mean; limits are for the hottest chip, which is what telemetry tells",
  "elphapex/dg-home1--1.0.5 tuning_percent":
    "fc-freq-level: what it does is not certain, so it is in no reading",
  "elphapex/dg-home1--1.0.5 avg_temp_c": "a mean of four sensors; telemetry tells the hottest",
  [`${M20S} control_board`]: "the source shortens ALLWINNER_H3 V8",
  [`${M20S} messages_from_summary_with_errors`]:
    "of another answer to summary (test/drivers/whatsminer/captures.test.ts)",
};
