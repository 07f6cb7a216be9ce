// The profile table of a captured S19k Pro (LuxOS 2025.4.8), which follows rules to the last digit.

export interface ProfileRow {
  readonly name: string;
  /** Steps of 25 MHz from the default. */
  readonly step: number;
  /** MHz. */
  readonly frequency: number;
  /** Board volts. */
  readonly voltage: number;
  /** W: a formula of the frequency alone, no measurement. */
  readonly watts: number;
  /** TH/s. */
  readonly hashrate: number;
}

const DEFAULT_MHZ = 590;
const DEFAULT_VOLTS = 13.5;
const LOWEST_VOLTS = 11.88;
const STEPS_DOWN = 16;
const STEPS_UP = 8;
const TERAHASHES_PER_MHZ = 121.8 / DEFAULT_MHZ;

/** What LuxOS takes for the power of the machine, W. */
export const formulaWatts = (mhz: number): number => 200.34 + 2.446 * mhz + 0.003304 * mhz * mhz;

function row(step: number): ProfileRow {
  const frequency = DEFAULT_MHZ + 25 * step;
  return {
    name: step === 0 ? "default" : `${frequency}MHz`,
    step,
    frequency,
    voltage: Math.max(LOWEST_VOLTS, Math.round((DEFAULT_VOLTS + 0.15 * step) * 100) / 100),
    watts: Math.round(formulaWatts(frequency)),
    hashrate: Math.round(frequency * TERAHASHES_PER_MHZ * 10) / 10,
  };
}

export const PROFILES: readonly ProfileRow[] = Array.from(
  { length: STEPS_DOWN + 1 + STEPS_UP },
  (_, index) => row(index - STEPS_DOWN),
);

/** By name, or by place against the present one: `+1`, `-2`. */
export function findProfile(wish: string, present: ProfileRow): ProfileRow | undefined {
  const byName = PROFILES.find((profile) => profile.name === wish);
  if (byName !== undefined || !/^[+-]\d+$/.test(wish)) return byName;
  return PROFILES.find((profile) => profile.step === present.step + Number(wish));
}
