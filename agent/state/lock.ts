// One agent a state folder: two would tune the same machines against each other.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Lock {
  release(): void;
}

/** Throws when another living process holds the folder; a lock left by a dead one is taken over. */
export function lockFolder(folder: string): Lock {
  const file = join(folder, "nockd.pid");
  try {
    take(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const owner = Number(readFileSync(file, "utf8"));
    if (isAlive(owner)) {
      throw new Error(`agent.stateDir ${folder} is used by another nockd, process ${owner}`);
    }
    rmSync(file);
    take(file);
  }
  return { release: () => rmSync(file, { force: true }) };
}

function take(file: string): void {
  const descriptor = openSync(file, "wx");
  writeSync(descriptor, String(process.pid));
  closeSync(descriptor);
}

/** After a reboot the number may be another program's, or our own: then the lock is an old one. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return isNockd(pid);
}

function isNockd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("nockd");
  } catch {
    // No /proc on this system: the number alone must do.
    return true;
  }
}
