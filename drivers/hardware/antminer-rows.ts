// The table of Bitmain machines, one line a model. Boards, chips and fans follow the model tables of pyasic
// and asic-rs; windows follow Bitmain's own `etc/levels.json` and `etc/topol.conf` in its firmware images.

import type { Algorithm } from "../contract/algorithm.ts";

/** Stock work modes: 0 normal, 1 sleep, 2 high, 3 low power. */
export type WorkMode = 0 | 1 | 2 | 3;

export interface Row {
  readonly name: string;
  /** Boards, chips a board, fans. */
  readonly size: readonly [boards: number, chips: number, fans: number];
  readonly of?: Algorithm;
  readonly chip?: string;
  /** In the display unit of the algorithm, and watts at the wall. */
  readonly rate?: number;
  readonly power?: number;
  /** MHz from, to, board volts from, to. */
  readonly window?: readonly [number, number, number, number];
  readonly modes?: readonly WorkMode[];
  readonly laterModes?: { readonly since: string; readonly modes: readonly WorkMode[] };
  /** MHz from, to, step. */
  readonly stockMhz?: readonly [number, number, number];
  /** Chip and board, Celsius. */
  readonly hot?: readonly [number, number];
}

const SLEEP = [0, 1] as const;
const SLEEP_LOW = [0, 1, 3] as const;
const SLEEP_HIGH = [0, 1, 2] as const;
const ALL_MODES = [0, 1, 2, 3] as const;

export const ROWS: readonly Row[] = [
  // stockMhz: the three choices that the pages of both the searching and the fixed images have.
  { name: "S9", size: [3, 63, 2], chip: "BM1387", stockMhz: [550, 650, 50] },
  { name: "S9i", size: [3, 63, 2], chip: "BM1387", stockMhz: [550, 650, 50] },
  { name: "S9j", size: [3, 63, 2], chip: "BM1387", stockMhz: [550, 650, 50] },
  { name: "T9", size: [3, 54, 2], chip: "BM1387" },
  // S9k, T15, Z11 and KS7: counted in public captures of real machines.
  { name: "S9k", size: [3, 60, 2] },
  { name: "T15", size: [3, 60, 2] },
  { name: "S17", size: [3, 48, 4], chip: "BM1397" },
  { name: "S17 Pro", size: [3, 48, 4], chip: "BM1397" },
  { name: "S17+", size: [3, 65, 4], chip: "BM1397" },
  { name: "S17e", size: [3, 135, 4] },
  { name: "T17", size: [3, 30, 4], chip: "BM1397" },
  { name: "T17+", size: [3, 44, 4], chip: "BM1397" },
  { name: "T17e", size: [3, 78, 4] },
  { name: "S19", size: [3, 76, 4], chip: "BM1398", rate: 95, power: 3250, modes: SLEEP },
  { name: "S19L", size: [3, 76, 4], modes: SLEEP },
  { name: "S19 Pro", size: [3, 114, 4], chip: "BM1398", rate: 110, power: 3250, modes: SLEEP },
  { name: "S19 Pro A", size: [3, 114, 4], modes: SLEEP },
  { name: "S19j", size: [3, 114, 4], rate: 90, power: 3250, modes: SLEEP },
  { name: "S19 No PIC", size: [3, 88, 4], modes: SLEEP },
  { name: "S19j No PIC", size: [3, 88, 4], modes: SLEEP },
  { name: "S19i", size: [3, 80, 4], modes: SLEEP },
  { name: "S19+", size: [3, 80, 4], modes: SLEEP },
  { name: "S19 Pro+", size: [3, 120, 4], modes: SLEEP },
  // Window: boards BHB42601 to BHB42651.
  {
    ...{ name: "S19j Pro", size: [3, 126, 4], chip: "BM1362", rate: 104, power: 3068 },
    ...{ window: [440, 545, 13.2, 13.8], modes: SLEEP },
  },
  { name: "S19j+", size: [3, 108, 4], modes: SLEEP },
  { name: "S19j Pro No PIC", size: [3, 126, 4], modes: SLEEP },
  { name: "S19j Pro+", size: [3, 120, 4], modes: SLEEP },
  { name: "S19j Pro+ No PIC", size: [3, 120, 4], modes: SLEEP },
  { name: "S19j XP", size: [3, 110, 4], modes: SLEEP },
  { name: "S19 XP", size: [3, 110, 4], chip: "BM1366", rate: 140, power: 3010, modes: SLEEP },
  { name: "S19 XP+", size: [3, 108, 4], modes: SLEEP },
  { name: "S19a", size: [3, 72, 4], modes: SLEEP },
  { name: "S19a Pro", size: [3, 100, 4], modes: SLEEP },
  // Window: boards BHB56901, 902 and 907 together.
  {
    ...{ name: "S19k Pro", size: [3, 77, 4], chip: "BM1366", rate: 121.8 },
    ...{ window: [490, 695, 12.0, 14.5], modes: SLEEP },
  },
  { name: "S19k Pro No PIC", size: [3, 77, 4], modes: SLEEP },
  { name: "T19", size: [3, 76, 4], rate: 88, power: 3344, modes: SLEEP },
  { name: "S21", size: [3, 108, 4], chip: "BM1368", rate: 200, power: 3500, modes: SLEEP_LOW },
  { name: "T21", size: [3, 108, 4], chip: "BM1368", modes: SLEEP_HIGH },
  { name: "S21+", size: [3, 55, 4], chip: "BM1370", modes: SLEEP_LOW },
  { name: "S21 Pro", size: [3, 65, 4], chip: "BM1370", rate: 234, power: 3480, modes: SLEEP },
  { name: "S21 Pro+", size: [3, 65, 4] },
  { name: "S21 XP", size: [3, 91, 4], chip: "BM1370", modes: SLEEP },
  { name: "S19 Hyd", size: [4, 104, 0], modes: SLEEP },
  { name: "S19 Pro Hyd", size: [4, 180, 0], modes: SLEEP },
  { name: "S19 Pro+ Hyd", size: [4, 180, 0], modes: SLEEP },
  { name: "S19 XP Hyd", size: [3, 204, 0], modes: SLEEP },
  // 216 chips on HHB686xx boards; HHB687xx boards have 180. Window: HHB68601, 602.
  {
    ...{ name: "S21 Hyd", size: [3, 216, 0], chip: "BM1368" },
    ...{ window: [350, 390, 19.0, 20.6], modes: SLEEP_HIGH },
  },
  {
    ...{ name: "S21+ Hyd", size: [3, 95, 0], chip: "BM1370" },
    ...{ window: [500, 700, 19.0, 22.0], modes: ALL_MODES },
  },
  // Window: boards H6HB70601, 602, 501 together.
  {
    ...{ name: "S21 XP Hyd", size: [3, 160, 0], chip: "BM1370" },
    ...{ window: [370, 495, 19.0, 21.8], modes: SLEEP_LOW },
  },
  { name: "S21e XP Hyd", size: [3, 160, 0], chip: "BM1370" },
  {
    ...{ name: "S21e Hyd", size: [3, 85, 0], chip: "BM1370" },
    ...{ window: [500, 700, 17.0, 22.0], modes: SLEEP_LOW },
  },
  // Counted in public captures.
  { name: "S21j XP Hyd", size: [3, 42, 0] },
  { name: "S23 Hyd", size: [3, 84, 0] },
  { name: "L3+", size: [4, 72, 2], of: "scrypt", chip: "BM1485", rate: 0.504 },
  { name: "L3++", size: [4, 72, 2], of: "scrypt", chip: "BM1485" },
  {
    ...{ name: "L7", size: [3, 120, 4], of: "scrypt", modes: SLEEP },
    laterModes: { since: "202301", modes: SLEEP_LOW },
  },
  {
    ...{ name: "L9", size: [3, 110, 4], of: "scrypt", chip: "BM1491", rate: 17 },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  { name: "L11", size: [3, 88, 4], of: "scrypt" },
  {
    ...{ name: "KS3", size: [3, 92, 2], of: "kheavyhash", chip: "BM2380" },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  {
    ...{ name: "KS5", size: [3, 92, 4], of: "kheavyhash", chip: "BM2382" },
    ...{ modes: SLEEP, hot: [100, 85] },
  },
  {
    ...{ name: "KS5 Pro", size: [3, 92, 4], of: "kheavyhash", chip: "BM2382" },
    ...{ modes: SLEEP, hot: [100, 85] },
  },
  { name: "KS7", size: [3, 108, 4], of: "kheavyhash", modes: SLEEP },
  { name: "K7", size: [3, 92, 2], of: "eaglesong" },
  { name: "KA3", size: [3, 92, 4], of: "blake2s" },
  { name: "HS3", size: [3, 92, 4], of: "handshake" },
  // Four fans in pyasic's table, two in a capture of a real machine.
  { name: "D3", size: [3, 60, 2], of: "x11", rate: 16.35 },
  { name: "D7", size: [3, 70, 4], of: "x11", modes: SLEEP },
  {
    ...{ name: "D9", size: [3, 126, 4], of: "x11", chip: "BM1766", rate: 1770 },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  {
    ...{ name: "E9", size: [2, 8, 4], of: "ethash", chip: "BM2280" },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  {
    ...{ name: "E9 Pro", size: [2, 8, 4], of: "ethash", chip: "BM2280" },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  {
    ...{ name: "E11", size: [3, 6, 2], of: "ethash", chip: "BM2282" },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
  { name: "Z11", size: [3, 3, 2], of: "equihash" },
  { name: "Z15", size: [3, 3, 2], of: "equihash", rate: 420 },
  {
    ...{ name: "Z15 Pro", size: [3, 6, 2], of: "equihash", chip: "BM1746", rate: 840 },
    ...{ modes: SLEEP, hot: [95, 80] },
  },
];
