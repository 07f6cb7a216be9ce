// One table of everything that can go wrong between the agent and a machine.

interface ErrorFacts {
  /** May the same request succeed if it is simply sent again later? */
  readonly retriable: boolean;
  /** Whose job it is: the network's, the firmware's, or the operator's. */
  readonly side: "network" | "firmware" | "operator" | "agent";
  /** What happened, in one line. */
  readonly meaning: string;
  /** What a technician does about it. */
  readonly advice: string;
}

export const DEVICE_ERRORS = {
  UNREACHABLE: {
    retriable: true,
    side: "network",
    meaning: "no TCP connection: refused, no route, or no answer to the connection attempt",
    advice: "check power, cable and address; a machine that restarts refuses for tens of seconds",
  },
  NO_REPLY: {
    retriable: true,
    side: "firmware",
    meaning: "the connection was accepted but no complete reply came before the deadline",
    advice: "its API serves one client at a time: look for another tool that holds the connection",
  },
  CONNECTION_LOST: {
    retriable: true,
    side: "network",
    meaning: "the connection was reset before the reply was complete",
    advice: "look for a restart of the machine or an unstable link",
  },
  EMPTY_REPLY: {
    retriable: true,
    side: "firmware",
    meaning: "the machine closed the connection without a byte",
    advice: "usual while the miner program starts; if it stays, restart the miner program",
  },
  TRUNCATED_REPLY: {
    retriable: true,
    side: "firmware",
    meaning: "the reply stops in the middle of a JSON value",
    advice:
      "the firmware gave up sending; if it stays, look at the network and the firmware version",
  },
  HTML_REPLY: {
    retriable: false,
    side: "firmware",
    meaning: "a web page came where data was expected",
    advice: "check the port: a login page or another device may answer there",
  },
  NOT_JSON: {
    retriable: false,
    side: "firmware",
    meaning: "the reply is no JSON, even after the known repairs",
    advice: "send the capture to support: the firmware changed or another device answers",
  },
  REPLY_TOO_LARGE: {
    retriable: false,
    side: "firmware",
    meaning: "the reply is longer than any known firmware sends; reading was stopped",
    advice: "check what answers at this address",
  },
  UNEXPECTED_SHAPE: {
    retriable: false,
    side: "firmware",
    meaning: "the reply is JSON, but not the shape this driver knows",
    advice: "send the capture to support: the firmware version is not known yet",
  },
  HTTP_STATUS: {
    retriable: true,
    side: "firmware",
    meaning: "the web server of the machine answered with an error status",
    advice: "see the status in the message; 404 means the firmware lacks this page",
  },
  UNAUTHORIZED: {
    retriable: false,
    side: "operator",
    meaning: "user name or password was refused",
    advice: "set username and password of this device in the configuration",
  },
  WRITE_DISABLED: {
    retriable: false,
    side: "operator",
    meaning: "the machine refuses every write because its API switch is off",
    advice: "Whatsminer: change the default password and enable the Miner API in WhatsMinerTool",
  },
  BUSY: {
    retriable: true,
    side: "firmware",
    meaning: "the machine serves another session or is still busy with the last request",
    advice: "wait; if it stays, find the other tool that controls this machine",
  },
  REJECTED: {
    retriable: false,
    side: "firmware",
    meaning: "the machine understood the request and said no",
    advice: "see the machine's own words in the message",
  },
  UNSUPPORTED: {
    retriable: false,
    side: "firmware",
    meaning: "this firmware does not know the request",
    advice: "nothing to do: the agent stops offering it",
  },
  INVALID_SETTING: {
    retriable: false,
    side: "agent",
    meaning: "the value lies outside of what this machine accepts; nothing was sent",
    advice: "choose a value inside the envelope named in the message",
  },
  ABORTED: {
    retriable: true,
    side: "agent",
    meaning: "the agent stopped waiting because it is shutting down",
    advice: "nothing to do",
  },
} as const satisfies Record<string, ErrorFacts>;

export type DeviceErrorCode = keyof typeof DEVICE_ERRORS;

/** The only error a driver throws for what a machine or its network does; anything else is a bug. */
export class DeviceError extends Error {
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeviceError";
    this.code = code;
  }

  get retriable(): boolean {
    return DEVICE_ERRORS[this.code].retriable;
  }
}

export const isDeviceError = (error: unknown): error is DeviceError => error instanceof DeviceError;
