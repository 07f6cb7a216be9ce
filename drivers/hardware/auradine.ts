// Auradine's Teraflux machines. Source: the model tables of two public fleet libraries, which agree; what
// neither gives is absent. All of them hash SHA-256.

export interface AuradineModel {
  readonly name: string;
  readonly boards?: number;
  readonly chipsPerBoard?: number;
  /** 0: liquid cooled. */
  readonly fans: number;
}

const MODELS: readonly AuradineModel[] = [
  { name: "AT1500", boards: 3, chipsPerBoard: 132, fans: 4 },
  { name: "AT2860", boards: 3, fans: 4 },
  { name: "AT2880", boards: 3, chipsPerBoard: 138, fans: 4 },
  { name: "AI2500", boards: 3, fans: 0 },
  { name: "AI3680", boards: 3, fans: 0 },
  { name: "AD2500", boards: 3, fans: 0 },
  { name: "AD3500", boards: 3, fans: 0 },
];

/** Undefined for a name that is not in the table. */
export function findAuradine(text: string): AuradineModel | undefined {
  const name = text.trim().toUpperCase();
  return MODELS.find((model) => model.name === name);
}
