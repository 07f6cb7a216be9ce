// The registry: one line a driver.

export { antminer } from "./antminer/index.ts";
export { auradine } from "./auradine/index.ts";
export { avalon } from "./avalon/index.ts";
export { bitaxe } from "./bitaxe/index.ts";
export { braiins } from "./braiins/index.ts";
export { ebang } from "./ebang/index.ts";
export { elphapex } from "./elphapex/index.ts";
export { epic } from "./epic/index.ts";
export { goldshell } from "./goldshell/index.ts";
export { iceriver } from "./iceriver/index.ts";
export { innosilicon } from "./innosilicon/index.ts";
export { luxos } from "./luxos/index.ts";
export { proto } from "./proto/index.ts";
export { sealminer } from "./sealminer/index.ts";
export { vnish } from "./vnish/index.ts";
export { whatsminer } from "./whatsminer/index.ts";
