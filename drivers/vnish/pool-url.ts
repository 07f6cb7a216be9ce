// VNish keeps pools as host:port (S21 Pro, 1.2.7); people write them with their scheme.

const STRATUM = "stratum+tcp://";

/** As people write it: plain stratum gets its scheme back, another scheme stays. */
export const withScheme = (url: string): string =>
  url === "" || url.includes("://") ? url : `${STRATUM}${url}`;

/** As the firmware keeps it. */
export const withoutScheme = (url: string): string =>
  url.toLowerCase().startsWith(STRATUM) ? url.slice(STRATUM.length) : url;
