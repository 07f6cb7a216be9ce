// What the simulated FluxOS machine says, whatever it is asked.

export interface StoredPool {
  readonly url: string;
  readonly user: string;
}

export type Parameters = Readonly<Record<string, unknown>>;

export const REPORT = {
  model: "AT1500",
  mac: "1c:00:00:0e:3b:2b",
  hostname: "teraflux-01",
  version: "2023-12.27",
  SerialNo: "AU-SIM",
  InternalType: "T0",
  HBSerialNo: ["HB-SIM-1", "HB-SIM-2", "HB-SIM-3"],
};

export function granted(tables: Parameters): string {
  const Description = "FluxOS-2023-12.27-simulated";
  return JSON.stringify({ ...tables, STATUS: [{ STATUS: "S", Code: 1, Msg: "ok", Description }] });
}

export const refused = (Msg: string): string =>
  JSON.stringify({ STATUS: [{ STATUS: "E", Code: 500, Msg }] });

export function poolStatus({ url, user }: StoredPool, index: number) {
  const counters = { Accepted: 10, Rejected: 1, Priority: index, Quota: 1 };
  const state = { Status: "Alive", "Stratum Active": index === 0 };
  return { POOL: index, URL: url, User: user, ...counters, ...state };
}
