// Bitdeer's SealMiners. Source: a public fleet library's table and the recording of an A2; SHA-256.

export interface SealminerModel {
  readonly name: string;
  readonly boards: number;
  readonly chipsPerBoard: number;
  readonly fans: number;
}

const MODELS: readonly SealminerModel[] = [{ name: "A2", boards: 3, chipsPerBoard: 153, fans: 4 }];

/** Undefined for a name that is not in the table. */
export function findSealminer(text: string): SealminerModel | undefined {
  const name = text.trim().toUpperCase();
  return MODELS.find((model) => model.name === name);
}
