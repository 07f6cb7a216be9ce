// What the web server of an Ebit machine says. Every answer is `{"status": 1, "feedback": {...}}`; numbers
// come as numbers, as text and as text with a unit.

import * as z from "zod";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]).optional().catch(undefined);

/** `feedback` of an order is a word or nothing. */
export const Answer = z.looseObject({ status: scalar, feedback: z.unknown() });

/** `/Cgminer/CgminerStatus` */
export const MinerStatus = z.looseObject({
  accepted: scalar,
  rejected: scalar,
  /** Averages with their unit: `12.28T`. */
  averfigure: scalar,
  fiveavg: scalar,
  fivesecfigure: scalar,
  /** `123:6:37`: hours, minutes, seconds. */
  worktime: scalar,
  /** Difficulty that the pool set. */
  currentaccident: scalar,
  /** URL of the pool in use. */
  cgminerstatus: scalar,
});
export type MinerStatus = z.output<typeof MinerStatus>;

/** `/alarm/GetAlarmLoop`; 0 is no alarm. */
export const AlarmLoop = z.looseObject({
  /** GH/s. */
  calValue: scalar,
  /** MHz. */
  pllValue: scalar,
  tmpValue: scalar,
  calAlarm: scalar,
  poolAlarm: scalar,
  tempAlarm: scalar,
  eth1Alarm: scalar,
});
export type AlarmLoop = z.output<typeof AlarmLoop>;

/** `/Status/getsystemstatus` */
export const SystemStatus = z.looseObject({
  productname: scalar,
  hardwareversion: scalar,
  systemsoftwareversion: scalar,
  /** rpm. */
  devicefan: scalar,
  devicefan2: scalar,
  /** Two boards of two sensors: `60,55|55,51`. */
  device1temp: scalar,
  device2temp: scalar,
  device3temp: scalar,
  device4temp: scalar,
});
export type SystemStatus = z.output<typeof SystemStatus>;

/** `/Cgminer/CgminerGetVal`: capitals here, none in the order. */
export const PoolValues = z.looseObject({
  Mip1: scalar,
  Mip2: scalar,
  Mip3: scalar,
  Mwork1: scalar,
  Mwork2: scalar,
  Mwork3: scalar,
});
export type PoolValues = z.output<typeof PoolValues>;

/** `/admininfo/Getadmininfo` */
export const AdminInfo = z.looseObject({ macaddr: scalar });
export type AdminInfo = z.output<typeof AdminInfo>;

export const PATHS = {
  login: "/user/login",
  status: "/Cgminer/CgminerStatus",
  alarms: "/alarm/GetAlarmLoop",
  system: "/Status/getsystemstatus",
  pools: "/Cgminer/CgminerGetVal",
  admin: "/admininfo/Getadmininfo",
  setPools: "/Cgminer/CgminerConfig",
  restart: "/update/resetcgminer",
} as const;
export type Path = (typeof PATHS)[keyof typeof PATHS];

/** The password is `word`, and a language comes with it. */
export interface LoginForm {
  readonly username: string;
  readonly word: string;
  readonly yuyan: "1";
  readonly login: "Login";
  readonly get_password: "";
}

/** All three places at once. */
export type PoolsForm = Readonly<Record<`${"mip" | "mwork" | "mpassword"}${1 | 2 | 3}`, string>>;

/** The session's cookie, whose name begins with a hyphen: `-http-session-=1::http.session::6475...`. */
export function sessionCookie(header: string | undefined): string | undefined {
  return /(?:^|[\s,])([^\s,;=]*http-session[^\s,;=]*=[^\s,;]+)/.exec(header ?? "")?.[1];
}
