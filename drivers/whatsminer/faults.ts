// Error codes of btminer in words. A line is `codes|component|text`; a letter in a code stands for one
// digit that the text repeats: n board, slot or pool; x slot and ccc chip; L grade.

import type { MachineFault } from "../contract/telemetry.ts";

const CODES = `
100|fan|fan fault
110|fan 0|inlet fan does not turn at the commanded speed
111|fan 1|outlet fan does not turn at the commanded speed
120|fan 0|inlet fan off its target by more than 2000 rpm
121|fan 1|outlet fan off its target by more than 2000 rpm
130|fan 0|inlet fan off its target by more than 3000 rpm
131|fan 1|outlet fan off its target by more than 3000 rpm
140|fan|fan turns faster than allowed
200|psu|no power supply detected
201|psu|power supply differs from the configured type
202|psu|output voltage is wrong
203|psu|supply derates or protects itself: ambient too hot
204|psu|supply current protection: ambient too hot
205|psu|supply current fault
206|psu|mains input too low
207|psu|input current protection: poor mains
208|psu|supply power reading or limit fault
209|psu|output voltage offset fault
210|psu|supply fault
211|psu|output current fault: the vendor suggests a reboot
212|psu|output voltage reached the permitted border of 11.50 to 15.00 V
213|psu|input volts and amperes do not match the output
214|psu|input power reading does not move
215|psu|output voltage could not be set
216|psu|supply readings have not moved for long
217|psu|output could not be switched
218|psu|mains under 230 V, which High mode needs
219|psu|input current not plausible
233-235|psu|output over-temperature protection
236-238,268|psu|output over-current protection
239|psu|output over-voltage protection
240|psu|output under-voltage protection
241|psu|output currents out of balance
243-245|psu|input side too hot
246,247,270|psu|input over-voltage
248,249,269|psu|input over-current
250,251,271|psu|input under-voltage
253,254|psu|supply fan fault
255,256|psu|output over-power protection
257|psu|primary side over-current
263|psu|supply communication warning
264|psu|supply communication lost
265,266,276-280|psu|supply fault without details
267|psu|supply watchdog tripped
272|psu|output power above the rating
273|psu|input power too high
274|psu|supply fan warning
275|psu|supply temperature warning
281-288|psu|bit set in the supply's status register 1
289-296|psu|bit set in the supply's status register 2
30n|board n|board n: temperature sensor not found
329|control board|temperature sensor of the control board does not answer
32n|board n|board n: temperature cannot be read
35n|board n|board n: over-temperature protection is active
360-363|board|board too hot
370|ambient|ambient temperature swings too fast
380|ambient|humidity sensor missing
381,382|ambient|humidity sensor cannot be read
383|ambient|humidity protection is active
400|board|EEPROM fault
41n|board n|board n: EEPROM not found
42n|board n|board n: EEPROM content cannot be read
43n|board n|board n: chip bin does not match
44n|board n|board n: wrong chip count in the EEPROM
45n|board n|board n: EEPROM transfer fault
500|board|hash board fault
51n|board n|board n: type does not match
52n|board n|board n: bin does not match
53n|board n|board n: not detected
54n|board n|board n: chip ids cannot be read
55n|board n|board n: bad chips
56n|board n|board n: unbalanced
57n|board n|board n: chip transfer fault
58n|board n|board n: was reset
59n|board n|board n: frequency too low
600|ambient|ambient too hot
610|ambient|ambient too hot for High mode
700|control board|invalid MAC address
701|control board|control board does not support this chip
710,712|control board|control board rebooted abnormally
711|control board|abnormal reboot, processor slowed down: update the firmware
713|control board|time jumped or network unstable
714,900,902|control board|fault without details
72n|board n|board n: frame errors on the link to the control board
800|control board|checksum of the miner program does not match
801|control board|checksum of the system monitor does not match
802|control board|checksum of the remote daemon does not match
810|board|serial of the air-to-liquid board does not match
901|psu|power per hash out of range
2000|pool|no pool configured
2010|pool|all pools disabled
202n|pool n|pool n cannot be reached
2030|pool|high reject rate at the pool
2040|pool|pool lacks version rolling (AsicBoost)
211n|board n|board n: failed the factory test
2310,2320|hashrate|hashrate too low
2330,2340|hashrate|hashrate loss too high
2350|hashrate|hashrate loss
501n|board n|board n: chip voltage too low
502n|board n|board n: chip voltage drifted
503n|board n|board n: temperatures of the chips differ too much
504n|board n|board n: hottest chip stands out too much
505n|board n|board n: stopped because a chip is too hot
507n|board n|board n: coolant flow abnormal
5080|board|chip temperature calibration failed: the vendor advises a factory reset
509n|board n|board n: temperature calibration unbalanced
511n,517n|board n|board n: frequency ramp timed out
512n|board n|board n: many CRC errors
513n|board n|board n: unstable
52xc,52xccc|chip|board x chip c: wrong nonces
53xc,53xccc|chip|board x chip c: too few nonces
54xc,54xccc|chip|board x chip c: temperature protection
55xc,55xccc|chip|board x chip c: was reset
56xc,56xccc|chip|board x chip c: no nonces
8000|control board|management tool too old
8010|hashrate|low frequency
8020|hashrate|low hashrate
8035|ambient|ambient hot
8100|board|chip data fault
8200|psu|power version fault
8210|control board|miner type fault
8220|control board|version info fault
8300|hashrate|empty level
8400|control board|firmware too old
8410|control board|software version fault
85L0|hashrate|hashrate below grade L
85L1|psu|power above grade L
85L2,85L3|fan|fan speed below grade L
85L4|psu|voltage off grade L
8600|control board|product serial missing
8610|control board|product type missing
8620|control board|miner serial missing
8621|control board|miner serial has the wrong length
8630|psu|supply serial missing
8631|psu|supply serial wrong
8632|control board|miner serial faulty
8640|psu|supply model missing
8641|psu|supply model: wrong name
8642|psu|supply model: wrong output voltage
8643|psu|supply model: wrong rating
8644|psu|supply model: wrong format
8650|board|hash board structure wrong
8660|board|cooling type wrong
8670|board|board serial missing
8700|psu|power supply does not match the miner
9000,9010|control board|miner program crashed (signal 3)
9999|control board|unknown fault
100000|control board|security library damaged: update the firmware
100001|control board|security check: illegal signature
100002,100003|control board|security check: illegal file digests
100100|control board|security check removed the miner program: update the firmware
110000|control board|security check found an illegal file
110001|control board|malware was removed: update the firmware
`;

interface Rule {
  readonly matches: (code: string) => Readonly<Record<string, string>> | undefined;
  readonly component: string;
  readonly text: string;
}

let exact: ReadonlyMap<string, Rule> | undefined;
let patterns: readonly Rule[] | undefined;

/** `code` as the machine prints it. A code that is not in the table keeps its number and its class. */
export function faultOf(code: string): MachineFault {
  const tables = rules();
  const plain = tables.exact.get(code);
  if (plain !== undefined) return { code, text: plain.text, component: plain.component };
  for (const rule of tables.patterns) {
    const digits = rule.matches(code);
    if (digits === undefined) continue;
    const fill = (words: string) => words.replace(/\b[nxcL]\b/g, (name) => digits[name] ?? name);
    return { code, text: fill(rule.text), component: fill(rule.component) };
  }
  const component = CLASSES.find(([pattern]) => pattern.test(code))?.[1];
  const text = `code ${code} is not in the table`;
  return component === undefined ? { code, text } : { code, text, component };
}

const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^1\d\d$/, "fan"],
  [/^2\d\d$/, "psu"],
  [/^[345]\d\d$/, "board"],
  [/^6\d\d$/, "ambient"],
  [/^[78]\d\d$/, "control board"],
  [/^20\d\d$/, "pool"],
  [/^23\d\d$/, "hashrate"],
  [/^5[01]\d\d$/, "board"],
  [/^5[2-6]\d{2}(\d\d)?$/, "chip"],
  [/^1[01]00\d\d$/, "control board"],
];

function rules() {
  if (exact === undefined || patterns === undefined) {
    const plain = new Map<string, Rule>();
    const shaped: Rule[] = [];
    for (const line of CODES.trim().split("\n")) {
      const [codes = "", component = "", text = ""] = line.split("|");
      for (const code of codes.split(",").flatMap(expand)) {
        const rule = { component, text, matches: matcher(code) };
        if (/^\d+$/.test(code)) plain.set(code, rule);
        else shaped.push(rule);
      }
    }
    exact = plain;
    patterns = shaped;
  }
  return { exact, patterns };
}

/** `233-235` is three codes. */
function expand(codes: string): string[] {
  const [from, to] = codes.split("-").map(Number);
  if (from === undefined || to === undefined) return [codes];
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

function matcher(shape: string): Rule["matches"] {
  const source = shape.replace(/([a-zL])\1*/g, (run, name) => `(?<${name}>\\d{${run.length}})`);
  const pattern = new RegExp(`^${source}$`);
  return (code) => {
    const found = pattern.exec(code);
    return found === null ? undefined : (found.groups ?? {});
  };
}
