// Elphapex' Scrypt machines. Source: the model tables of two public fleet libraries; of a DG1+ one counts
// 204 chips a board, the other 210: the recording of one has 204.

export interface ElphapexModel {
  readonly name: string;
  readonly boards: number;
  readonly chipsPerBoard: number;
  readonly fans: number;
}

const MODELS: readonly ElphapexModel[] = [
  { name: "DG1", boards: 4, chipsPerBoard: 144, fans: 4 },
  { name: "DG1+", boards: 4, chipsPerBoard: 204, fans: 4 },
  { name: "DG-Home1", boards: 4, chipsPerBoard: 120, fans: 4 },
  { name: "DG1-Home", boards: 4, chipsPerBoard: 120, fans: 4 },
];

/** Undefined for a name that is not in the table. */
export function findElphapex(text: string): ElphapexModel | undefined {
  const name = text.trim().toUpperCase();
  return MODELS.find((model) => model.name.toUpperCase() === name);
}
