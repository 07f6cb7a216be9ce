// The tokens of the pages: signed with a key in memory, so that a reboot forgets all of them.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { EpochMs } from "../../drivers/contract/units.ts";

/** The scripts read it from a file that nobody published; assumed. */
const LIFE_SECONDS = 3600;
const SECOND = 1000;

export class Tokens {
  #key = randomBytes(16);

  /** Every token given so far is refused from now on. */
  forget(): void {
    this.#key = randomBytes(16);
  }

  give(user: string, now: EpochMs): string {
    const seconds = Math.floor(now / SECOND);
    const claims = { iss: "AsicMiner", iat: seconds, exp: seconds + LIFE_SECONDS, user };
    const content = `${encode({ typ: "JWT", alg: "HS256" })}.${encode(claims)}`;
    return `${content}.${this.#sign(content)}`;
  }

  /** `header`: `Bearer <token>`. */
  knows(header: string | undefined, now: EpochMs): boolean {
    const token = (header ?? "").replace("Bearer ", "");
    const [head = "", claims = "", signature = ""] = token.split(".");
    const expected = Buffer.from(this.#sign(`${head}.${claims}`));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp: number };
    return now < exp * SECOND;
  }

  #sign(content: string): string {
    return createHmac("sha256", this.#key).update(content).digest("base64url");
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
