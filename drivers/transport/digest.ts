// HTTP Digest (RFC 7616) as the web servers of miners speak it: MD5 or SHA-256, qop "auth" or none.

import { createHash, randomBytes } from "node:crypto";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly algorithm: "MD5" | "SHA-256";
  readonly qop: boolean;
  /** The server refused only because the nonce is old. */
  readonly stale: boolean;
}

/** Reads a WWW-Authenticate header; undefined when it asks for another scheme. */
export function parseChallenge(header: string | undefined): DigestChallenge | undefined {
  // Several headers arrive joined by commas, in the server's order of preference.
  const offers = (header ?? "").split(/(?:^|,)\s*(?=(?:basic|digest)\s)/i);
  const offer = offers.find((text) => /^digest\s/i.test(text));
  if (offer === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const match of offer.matchAll(/\b(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g)) {
    fields.set((match[1] ?? "").toLowerCase(), match[2] ?? match[3] ?? "");
  }
  const nonce = fields.get("nonce");
  if (nonce === undefined) return undefined;
  const opaque = fields.get("opaque");
  return {
    realm: fields.get("realm") ?? "",
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    algorithm: /sha-256/i.test(fields.get("algorithm") ?? "") ? "SHA-256" : "MD5",
    // Word by word: "auth-int" alone offers no plain "auth".
    qop: (fields.get("qop") ?? "").split(/[\s,]+/).includes("auth"),
    stale: /true/i.test(fields.get("stale") ?? ""),
  };
}

/** The Authorization header for one request; `count` rises by one for each use of the nonce. */
export function authorize(
  challenge: DigestChallenge,
  credentials: Credentials,
  request: { readonly method: string; readonly path: string; readonly count: number },
  cnonce = randomBytes(8).toString("hex"),
): string {
  const hash = (text: string) =>
    createHash(challenge.algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const secret = hash(`${credentials.username}:${challenge.realm}:${credentials.password}`);
  const what = hash(`${request.method}:${request.path}`);
  const count = request.count.toString(16).padStart(8, "0");
  const response = challenge.qop
    ? hash(`${secret}:${challenge.nonce}:${count}:${cnonce}:auth:${what}`)
    : hash(`${secret}:${challenge.nonce}:${what}`);
  const parts = [
    `username="${credentials.username}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.path}"`,
    `algorithm=${challenge.algorithm}`,
    `response="${response}"`,
  ];
  if (challenge.qop) parts.push("qop=auth", `nc=${count}`, `cnonce="${cnonce}"`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`);
  return `Digest ${parts.join(", ")}`;
}
