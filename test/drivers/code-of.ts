// How a reading ends: the code of its error, or "read".

import type { Session } from "../../drivers/contract/driver.ts";
import { isDeviceError } from "../../drivers/contract/errors.ts";

export const NEVER = new AbortController().signal;

export async function codeOf(session: Session): Promise<string> {
  try {
    await session.read(NEVER);
    return "read";
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return error.code;
  }
}
