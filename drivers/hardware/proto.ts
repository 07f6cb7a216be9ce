// Proto's machines. Boards are hot-swappable and the rig tells how many chips each has, so the table
// names the model only. Source: a public fleet library, which does the same.

export interface ProtoModel {
  readonly name: string;
}

const MODELS: readonly ProtoModel[] = [{ name: "Rig" }];

/** Undefined for a name that is not in the table. */
export function findProto(text: string): ProtoModel | undefined {
  const name = text.trim().toUpperCase();
  return MODELS.find((model) => model.name.toUpperCase() === name);
}
