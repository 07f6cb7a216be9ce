// The parsers that drivers share, on samples of the shapes that they meet.

import type * as z from "zod";
import { openReply } from "../../drivers/avalon/reply.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import {
  askCgminer,
  cgminerPools,
  PoolsReply,
  SummaryReply,
  summaryRates,
  summaryShares,
} from "../../drivers/transport/cgminer.ts";
import { authorize, parseChallenge } from "../../drivers/transport/digest.ts";
import { FrameReader } from "../../drivers/transport/frame-reader.ts";
import { parseReply } from "../../drivers/transport/json.ts";
import { replaceNetwork } from "./network.ts";
import { identityOf, type Parser } from "./parser.ts";
import { type Anatomy, anatomyOf, twisted } from "./twist.ts";

const NEVER = new AbortController().signal;
const ORIGIN = { source: "fuzz", at: epochMs(1_800_000_000_000) };

const SUMMARY =
  '{"STATUS":[{"STATUS":"S","When":1700000000,"Code":11,"Msg":"Summary","Description":"cgminer 4.11.1"}],"SUMMARY":[{"Elapsed":3600,"MHS av":95000000.12,"MHS 5s":"95000000.5","MHS 5m":94800000,"Accepted":120,"Rejected":1,"Stale":0,"Difficulty Accepted":7864320.0}],"id":1}';
const POOLS =
  '{"STATUS":[{"STATUS":"S","Code":7,"Msg":"2 Pool(s)"}],"POOLS":[{"POOL":0,"URL":"stratum+tcp://a.test:3333","Status":"Alive","Priority":0,"User":"w.1","Accepted":12,"Rejected":0,"Stale":0,"Stratum Active":true,"Stratum Difficulty":65536,"Last Share Time":1700000000},{"POOL":1,"URL":"","Status":"Dead"}],"id":1}';
/** What old bmminer, Z11 and Whatsminer builds make of JSON. */
const QUIRKS = [
  '{"STATS":[{"CGMiner":"4.11.1","Type":"Antminer S9"}{"STATS":0,"temp1":nan,"freq":"650.00",}],"id":1}',
  '{"a":1,,"b":inf,"c":,"d":[1,,2]}{"a":1}"}',
  '{"user":"it\\\'s","text":"line\nbreak\tand tab","n":-nan}\u0000trailing',
];
const TEXT =
  "STATUS=S,When=1700000000,Code=70,Msg=CGMiner stats,Description=cgminer 4.11.1|STATS=0,ID=AVA100,MM ID0=Ver[1066] DNA[0201] WORKMODE[1] Temp[28] PVT_T0[ 65  66  -1] SYSTEMSTATU[Work: In Idle, Hash Board: 3 ] MM Count=1|";
const CHALLENGES = [
  'Digest realm="antMiner Configuration", nonce="ab12", qop="auth", algorithm=MD5, opaque="cd"',
  'Basic realm="x", Digest realm="y", nonce="1", qop="auth,auth-int", stale=true, algorithm=SHA-256',
];

export const TRANSPORT: readonly Parser[] = [
  parser("transport: json", [SUMMARY, POOLS, ...QUIRKS], (bytes) => {
    parseReply(bytes.toString("utf8"), "fuzz");
  }),
  parser("transport: cgminer summary", [SUMMARY], (bytes) =>
    overNetwork(bytes, async () => {
      const reply = await ask("summary", SummaryReply);
      const [summary] = reply.SUMMARY;
      return [summaryRates(summary, ORIGIN), summaryShares(summary, ORIGIN)];
    }),
  ),
  parser("transport: cgminer pools", [POOLS], (bytes) =>
    overNetwork(bytes, async () => cgminerPools((await ask("pools", PoolsReply)).POOLS)),
  ),
  parser("transport: frames", [SUMMARY, POOLS], frames),
  parser("transport: digest challenge", CHALLENGES, (bytes) => {
    const challenge = parseChallenge(bytes.toString("latin1"));
    if (challenge === undefined) return;
    const account = { username: "root", password: "root" };
    authorize(challenge, account, { method: "GET", path: "/", count: 1 });
  }),
  parser("transport: avalon text and words", [TEXT, SUMMARY], (bytes) => {
    openReply(bytes.toString("utf8"), "fuzz");
  }),
];

function parser(
  name: string,
  samples: readonly string[],
  parse: (bytes: Buffer) => unknown,
): Parser {
  const anatomies: readonly Anatomy[] = samples.map(anatomyOf);
  return {
    name,
    input: (twists) => {
      const sample = anatomies[(twists[0]?.at ?? 0) % anatomies.length] ?? anatomyOf("");
      const bytes = twisted(sample, twists);
      return { identity: identityOf(bytes), run: () => parse(bytes) };
    },
  };
}

const ADDRESS = { host: "127.0.0.1", port: 4028, deadline: 2000 };

const ask = <Shape extends z.ZodType>(command: string, shape: Shape) =>
  askCgminer(ADDRESS, { command }, shape, NEVER);

function overNetwork(bytes: Buffer, talk: () => Promise<unknown>): Promise<unknown> {
  replaceNetwork(() => ({ bytes, status: 200, headers: {} }));
  return talk();
}

/** In pieces; the first text must come out whole, whatever follows it. */
function frames(bytes: Buffer): void {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length, 0);
  const stream = Buffer.concat([head, bytes, head.subarray(0, bytes.length % 5), bytes]);
  const reader = new FrameReader(4 * 1024 * 1024);
  const size = Math.max(1 + (bytes.length % 97), Math.ceil(stream.length / 500));
  const texts: string[] = [];
  for (let start = 0; start < stream.length; start += size) {
    reader.add(stream.subarray(start, start + size));
    if (reader.oversize !== undefined || reader.unframed) break;
    const text = reader.next();
    if (text !== undefined) texts.push(text);
  }
  // An empty text is a heartbeat, which is skipped.
  if (bytes.length > 0 && texts[0] !== bytes.toString("utf8"))
    throw new Error("the text is another");
}
