// What the pages of an Ebit machine print, in the shapes that the driver reads.

import type { AlarmLoop, MinerStatus, PoolValues, SystemStatus } from "../../drivers/ebang/wire.ts";
import { type EbangProgram, SHARE_DIFFICULTY } from "./ebang-program.ts";

const TERA = 1e12;
const GIGA = 1e9;

export interface StoredPool {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface Facts {
  readonly program: EbangProgram;
  readonly pools: readonly StoredPool[];
  readonly product: string;
}

export function minerStatus({ program, pools }: Facts): MinerStatus {
  const { meter, elapsed, shares } = program;
  const worktime = clock(elapsed);
  return {
    currentpooltime: worktime,
    rejected: 0,
    findblock: 0,
    accepted: shares,
    averfigure: figure(meter.average()),
    currentaccident: SHARE_DIFFICULTY,
    getworks: Math.floor(elapsed / 3),
    fiveavg: figure(meter.rate(300e3)),
    harderrornumber: 0.0002,
    worktime,
    fivesecfigure: figure(program.plant.truth.hashing ? meter.rate(5e3) : 0),
    cgminerstatus: pools[0]?.url ?? "",
  };
}

/** Without its alarms. */
export function alarmLoop(program: EbangProgram): AlarmLoop {
  const { truth } = program.plant;
  return {
    calValue: Number((program.meter.rate(5e3) / GIGA).toFixed(6)),
    pllValue: Math.round(truth.boards[0]?.frequency ?? 0),
    tmpValue: Math.max(...truth.boards.map((board) => Math.round(board.boardTemperature))),
  };
}

export function systemStatus({ program, product }: Facts): SystemStatus {
  const { boards, fans } = program.plant.truth;
  const pairs = boards.map(
    ({ boardTemperature }) => `${Math.round(boardTemperature)},${Math.round(boardTemperature - 5)}`,
  );
  return {
    productname: product,
    Productdescription: "The Miner Control Device",
    devicepn: "**********",
    hardwareversion: "EBAZ4205-11-1.1.1.1",
    systemsoftwareversion: "soft_v9.1.0.32",
    devicefan: Math.round(fans[0]?.rpm ?? 0),
    devicefan2: Math.round(fans[1]?.rpm ?? 0),
    device1temp: pairs.slice(0, 2).join("|"),
    device2temp: pairs.slice(2).join("|"),
    device3temp: 0,
    device4temp: Math.max(...boards.map((board) => Math.round(board.boardTemperature))),
    memoryfree: 71,
    CPUavailability: 99,
    flashResidualspace: 57,
    ethrate: "7394b/s",
  };
}

export function poolValues([first, second, third]: readonly StoredPool[]): PoolValues {
  return {
    Mip1: first?.url ?? "",
    Mwork1: first?.user ?? "",
    Mpassword1: first?.password ?? "",
    Mip2: second?.url ?? "",
    Mwork2: second?.user ?? "",
    Mpassword2: second?.password ?? "",
    Mip3: third?.url ?? "",
    Mwork3: third?.user ?? "",
    Mpassword3: third?.password ?? "",
  };
}

export function parsePools(form: URLSearchParams): readonly StoredPool[] {
  return [1, 2, 3].flatMap((place) => {
    const url = form.get(`mip${place}`) ?? "";
    const user = form.get(`mwork${place}`) ?? "";
    return url === "" ? [] : [{ url, user, password: form.get(`mpassword${place}`) ?? "" }];
  });
}

const figure = (rate: number): string => `${(rate / TERA).toFixed(2)}T`;

/** Hours go on beyond 24; nothing is padded. */
function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${minutes % 60}:${seconds % 60}`;
}
