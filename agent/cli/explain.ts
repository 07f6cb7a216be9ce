// `nockd explain DEVICE`

import { remembered } from "../memory.ts";
import { readConfig } from "./config-file.ts";
import { aboutMachine, explanationWords } from "./explain-words.ts";
import { recordsIn } from "./records.ts";
import { complain } from "./target.ts";

export interface ExplainOptions {
  readonly state?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** 0 when something was told, 1 when nothing is known of the device, 2 for a wrong command. */
export function explainDevice(id: string, options: ExplainOptions): number {
  const folder = options.state ?? folderOf(options.config);
  if (folder === undefined) return 2;
  const records = recordsIn(folder);
  if (records === undefined) return 2;
  const known = remembered(records, id);
  if (known === undefined) {
    const ids = [...records.keys()].filter((key) => !key.includes(" "));
    process.stderr.write(
      `nockd: nothing is remembered of "${id}"; expected one of ${ids.join(", ") || "none yet"}\n`,
    );
    return 1;
  }
  const { explained = [], ...machine } = known;
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ device: id, ...machine.unit, explained })}\n`);
    return 0;
  }
  const stories = explained.map(explanationWords);
  const none = "nothing was decided yet: the machine is still being measured";
  const words = [aboutMachine(id, machine), ...(stories.length === 0 ? [none] : stories)];
  process.stdout.write(`${words.join("\n\n")}\n`);
  return 0;
}

function folderOf(file: string | undefined): string | undefined {
  if (file === undefined) {
    complain("explain: expected --state DIR or --config FILE");
    return undefined;
  }
  return readConfig(file)?.agent.stateDir;
}
