// MicroBT's machines: one line a family, `family fans boardsxchips=variants ...`. Source: the model tables of
// two public fleet libraries, which agree; what none gives, or where they differ, is empty. The rate and
// the power of a variant are in no strong source: the machine tells its own (Factory GHS, Power Limit).

/** A variant is the hash board's bin: `VJ30` of an M50S. All of them hash SHA-256. */
export interface WhatsminerModel {
  readonly name: string;
  /** 0: liquid cooled, or fans that the machine does not drive. */
  readonly fans: number;
  readonly boards?: number;
  readonly chipsPerBoard?: number;
}

const FAMILIES = `
M20P 2 3x156=10 3x148=30
M20S+ 2 3x=30
M20S 2 3x105=10 3x111=20 3x140=30
M20 2 3x70=10
M21S+ 2 3x=20
M21S 2 3x66=20 3x105=60 3x111=70
M21 2 3x33=10
M29 2 3x50=10
M30K 2 4x240=10
M30L 2 4x144=10
M30S++ 2 4x255=10,20 3x215=E30 3x225=E40 3x235=E50 3x156=F40 3x111=G30,H30,I30,J60 3x117=G40,J70 3x123=G50 3x82=H10,H100,HA0,J50 3x105=H110,HB0,K40 3x86=H20 3x70=H40,H70,J20 3x74=H50,H80,J30 3x78=H60,H90,K20 2x74=K30
M30S+ 2 3x215=10,100,A0 3x255=20 3x=30,E100,E70,E80,E90 3x235=40,70 3x225=50,90 3x245=60,80 3x148=E30 3x156=E40 3x164=E50 3x172=E60 3x111=F20,G50 3x117=F30,J40 3x82=G20 3x78=G30 3x105=G40,J30 3x86=G60,I30 3x64=H10,H50 3x66=H20,H60 3x70=H30,H70 3x74=H40
M30S 2 3x148=10 3x156=20,50 3x164=30,60 3x172=40 3x=70,E60,E70,H30 3x129=80,E50 3x105=E10,J30 3x111=E20 3x117=E30 3x123=E40 3x70=F10,G20,H60,I20 3x74=F20,G30 3x78=F30,G40 3x66=G10,H20,H50 3x64=H10,H40
M30 2 3x105=10 3x111=20
M31H 2 3x114=10 4x136=40
M31L 2 4x144=10
M31SE 2 3x82=10 3x78=20,30
M31S+ 2 3x105=10,E30 3x111=100,20,A0,E40 3x117=30,90,E50 3x123=40 3x148=50 3x156=60 3x129=80 3x82=E10 3x78=E20 3x=E60,E80,F30 3x66=F20,G20 3x70=G30
M31S 2 3x105=10,60 3x111=20,70 3x117=30,90 3x123=40 3x78=50 3x=80,E30 3x70=E10 3x74=E20
M31 2 3x70=10 3x74=20
M32S 2 3x78=-
M32 2 3x78=10 3x74=20
M33S++ 0 4x174=G40 4x112=H20 x=H30
M33S+ 0 4x112=G20 4x162=G30 4x100=H20 x=H30
M33S 0 4x116=G30
M33 0 3x33=10 3x62=20 3x66=30
M34S+ 0 4x116=E10
M36S++ 0 4x80=H30
M36S+ 0 4x108=G30
M36S 0 4x114=E10
M39 0 3x50=10 3x54=20 3x68=30
M50S++ 2 3x117=K10,L40 3x123=K20 3x156=K30 3x129=K40 3x135=K50 3x111=K60,L30,L60 3x82=L10 3x86=L20 3x105=L50
M50S+ 2 3x172=H30 3x180=H40 3x156=J30 3x164=J40,J60 3x111=K10 3x117=K20 3x123=K30 3x82=L10 3x86=L20 3x105=L30
M50S 2 3x=H10 3x135=H20,H50,J50 3x156=H30 3x148=H40 3x111=J10,K20,K60 3x117=J20,K30 3x123=J30,K70 3x129=J40 3x78=K10,L20 3x105=K50 3x86=K80 3x74=L10 3x82=L30
M50 2 4x255=E30 3x156=G30 3x86=H10,J10 3x111=H20,H80,J20,K40 3x117=H30,H90,J30,K50 3x84=H40,H60 3x105=H50,H70 3x123=J40 3x164=J60
M51S+ 2 3x117=L30
M52S++ 0 4x87=L10
M52S 0 4x62=K30
M53H 0 4x56=H10
M53S++ 0 4x198=K10 4x192=K20 4x240=K30 4x186=K50 4x216=K70 4x128=L10,L60 4x174=L30 4x168=L40 4x144=L80
M53S+ 0 4x240=J30 4x248=J40 4x264=J50 4x168=K30
M53S 0 4x198=H20 4x204=H30 4x228=H40,J50 4x180=J30 4x192=J40 4x128=K30
M53 0 4x128=H30 4x174=H40 4x162=H50 4x100=K30,K60
M54S++ 0 4x96=K30 4x68=L30 4x90=L40
M54S+ 0 4x84=L30
M54S 0 4x120=H30 4x102=K30
M56S++ 0 4x160=K10 4x176=K30 4x132=K40 4x152=K50
M56S+ 0 4x176=J30 4x108=K30 4x114=K40 4x120=K50
M56S 0 4x152=H30,J40 4x132=J30
M56 0 4x108=H30
M59 0 4x132=H30
M60S++ 2 3x204=L10,L90 3x215=L20,LA0 3x225=L30 3x235=L40 3x245=L50,LB0 3x196=L60,L80 3x294=L70 3x117=M30 3x123=M40 3x129=M50 3x135=M60 3x141=M70
M60S+ 2 3x245=K30 4x215=K40 4x225=K50 3x294=K60 3x306=K70 3x196=L10 3x176=L100,LA0 3x147=L20 3x225=L30,L70 3x188=L40 3x180=L50,L80 3x172=L60 3x184=L90 3x164=LB0 3x82=M20 3x86=M30 3x90=M40 3x98=M50
M60S 2 3x215=K10 3x235=K20 3x245=K30 3x225=K40,K80 3x188=K60,L50 3x196=K70,L60 3x192=K90 3x147=L10 3x164=L20 3x172=L30 3x180=L40 3x141=L70,L90 3x135=L80 3x78=M20 3x86=M40
M60 2 3x164=K10 3x172=K20,K6A 3x215=K30 3x180=K40 3x111=L10 3x117=L20 3x123=L30 3x129=L40 3x135=L50 3x82=M40
M61S+ 2 3x204=L20 3x225=L30
M61S 2 3x225=K20,L90 3x235=K30 3x164=L10 3x172=L20 3x180=L30,L60 3x147=L70 3x117=M30
M61 2 3x180=K10 3x184=K20 3x188=K30,K60 3x192=K40 3x172=K70 3x135=L10 3x141=L30 3x144=L40 3x147=L50 3x150=L60
M62S++ 0 3x132=M30
M62S+ 0 3x430=K30
M63S++ 0 4x360=L10 4x380=L20,L60 4x304=L40 4x340=L50 4x288=L70 4x152=M10 4x186=M20 4x198=M30
M63S+ 0 4x456=K30 4x304=L10,L60 4x340=L20,LD0 4x370=L30 4x228=L40,LA0 4x272=L50 4x240=L70 4x256=L80,L90 4x222=LC0 4x136=M30 4x144=M40
M63S 0 4x340=K10,K70 4x350=K20,K60 4x370=K30 4x288=K40,K80,L50,L60 4x300=K50 4x304=K90 4x272=KA0,L30 4x228=L10,L70 4x216=L20 4x204=L40 4x240=L80 4x128=L90 4x256=LA0 4x132=M30
M63 0 4x256=K10 4x264=K20 4x272=K30 4x174=L10,L70 4x204=L20 4x216=L30,L60 4x180=L40
M64S++ 0 4x96=M30
M64S 0 4x114=L10 4x120=L20 4x152=L30
M64 0 4x96=L20 4x114=L30 4x120=L40
M65S+ 0 4x456=K30 4x340=L20
M65S 0 4x350=K20 4x288=L60
M66S++ 0 3x368=L20 3x288=L40 4x240=L50 4x250=L60,L70 4x230=L80 4x138=M30
M66S+ 0 3x440=K30 4x220=L10 4x230=L20,L70 4x240=L30 4x250=L40,L80 4x200=L50,L60
M66S 0 3x368=K20 3x384=K30 4x240=K40 4x250=K50,K60 4x210=K70,L50 4x220=K80 4x168=L10 4x176=L20 4x192=L30 4x200=L40 4x160=L80
M66 0 4x184=K20 4x192=K30 4x176=K60 4x160=L20 4x168=L30
M67S 0 3x440=K30
M69S++ 0 8x228=M30
M69 0 4x228=K30
M70S+ 2 3x245=M30
M70S 2 3x204=M30
M70 2 3x245=L20 3x255=L30 3x135=M10 3x141=M20 3x147=M30,M80
M72S 0 3x234=M30
M72 0 3x174=M30
M73S+ 0 4x380=M40
M73S 0 4x304=M30
M73 0 4x380=L30 4x216=M20 4x228=M30 4x204=M70
M76S 0 3x240=M30
M76 0 3x384=L30 3x176=M30
M78S 0 3x384=M30
M79S 0 8x304=M30
`;

/** As a machine names itself: `M50S_VJ30`, `M30S+VE40`, `WhatsMiner M60S VK44`. */
const NAME = /^(?:WHATSMINER[ _]*)?(M\d{2}[A-UW-Z]*\+*)[ _]*(?:V([0-9A-Z]+))?$/;

let table: ReadonlyMap<string, WhatsminerModel> | undefined;

/**
 * The last digit of a variant counts the revisions of one hash board (VH84 is a VH80), so it is looked
 * up as it stands and then with 0. Undefined for a name that is not in the table.
 */
export function findWhatsminer(text: string): WhatsminerModel | undefined {
  const [, family, variant] = NAME.exec(text.trim().toUpperCase()) ?? [];
  if (family === undefined) return undefined;
  table ??= unpack();
  if (variant === undefined) return table.get(family);
  return table.get(`${family}_V${variant}`) ?? table.get(`${family}_V${variant.slice(0, -1)}0`);
}

/** For the table of models in the documentation. */
export function whatsminerModels(): readonly WhatsminerModel[] {
  table ??= unpack();
  return [...table.values()];
}

function unpack(): ReadonlyMap<string, WhatsminerModel> {
  const models = FAMILIES.trim().split("\n").flatMap(unpackFamily);
  return new Map(models.map((model) => [model.name, model]));
}

function unpackFamily(line: string): WhatsminerModel[] {
  const [family = "", fans = "", ...groups] = line.split(" ");
  return groups.flatMap((group) => {
    const [size = "", variants = ""] = group.split("=");
    const [boards = "", chips = ""] = size.split("x");
    return variants.split(",").map((variant) => ({
      name: variant === "-" ? family : `${family}_V${variant}`,
      fans: Number(fans),
      ...(boards === "" ? {} : { boards: Number(boards) }),
      ...(chips === "" ? {} : { chipsPerBoard: Number(chips) }),
    }));
  });
}
