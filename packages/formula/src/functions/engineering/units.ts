/** Units of CONVERT as Excel knows them, by their names (letter case counts). */

/** Units of one kind: how much of the kind's first unit each is. */
interface Kind {
  readonly units: Readonly<Record<string, number>>
  /** Those that take prefixes, and to which power: a `km^2` is 10^6 `m^2`. */
  readonly prefixed: Readonly<Record<string, number>>
  /** Bits take prefixes of powers of 2 too. */
  readonly binary?: true
}

const INCH = 0.0254
const FOOT = 0.3048
const YARD = 0.9144
const MILE = 1609.344
const NAUTICAL_MILE = 1852
const LIGHT_YEAR = 9_460_730_472_580_800
const ANGSTROM = 1e-10
const POINT = INCH / 72
const PARSEC = 30_856_775_812_815_532
/** The US survey foot. */
const SURVEY = 1200 / 3937
const POUND = 453.59237
const GRAVITY = 9.80665
/** A US gallon in cubic metres. */
const GALLON = 0.003785411784
const IMPERIAL_GALLON = 0.00454609
const FOOT_POUND = FOOT * POUND * GRAVITY * 1e-3
const HORSE_POWER = 550 * FOOT_POUND

/** The names of a power of a length: `m2` and `m^2`. */
function power(length: string, size: number, exponent: 2 | 3): Readonly<Record<string, number>> {
  return { [`${length}${exponent}`]: size ** exponent, [`${length}^${exponent}`]: size ** exponent }
}

const LENGTHS: Readonly<Record<string, number>> = {
  m: 1,
  ang: ANGSTROM,
  ft: FOOT,
  in: INCH,
  ly: LIGHT_YEAR,
  mi: MILE,
  Nmi: NAUTICAL_MILE,
  yd: YARD,
  Pica: POINT,
  Picapt: POINT,
}

function powers(exponent: 2 | 3): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(LENGTHS).flatMap(([length, size]) => Object.entries(power(length, size, exponent))))
}

/** The same power for several names. */
function all(exponent: number, ...names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name) => [name, exponent]))
}

const MASS: Kind = {
  units: {
    g: 1,
    sg: (POUND * GRAVITY) / FOOT,
    lbm: POUND,
    u: 1.660538782e-24,
    ozm: POUND / 16,
    grain: POUND / 7000,
    cwt: POUND * 100,
    shweight: POUND * 100,
    uk_cwt: POUND * 112,
    lcwt: POUND * 112,
    hweight: POUND * 112,
    stone: POUND * 14,
    ton: POUND * 2000,
    uk_ton: POUND * 2240,
    LTON: POUND * 2240,
    brton: POUND * 2240,
  },
  prefixed: all(1, 'g', 'u'),
}

const LENGTH: Kind = {
  units: { ...LENGTHS, ell: 1.143, parsec: PARSEC, pc: PARSEC, pica: INCH / 6, survey_mi: 5280 * SURVEY },
  prefixed: all(1, 'm', 'ang', 'ly', 'parsec', 'pc'),
}

const TIME: Kind = {
  units: { s: 1, sec: 1, mn: 60, min: 60, hr: 3600, d: 86_400, day: 86_400, yr: 31_557_600 },
  prefixed: all(1, 's', 'sec'),
}

const PRESSURE: Kind = {
  units: { Pa: 1, p: 1, atm: 101_325, at: 101_325, mmHg: 133.322, psi: 6894.757293168362, Torr: 101_325 / 760 },
  prefixed: all(1, 'Pa', 'p', 'atm', 'at', 'mmHg'),
}

const FORCE: Kind = {
  units: { N: 1, dyn: 1e-5, dy: 1e-5, lbf: POUND * GRAVITY * 1e-3, pond: GRAVITY * 1e-3 },
  prefixed: all(1, 'N', 'dyn', 'dy', 'pond'),
}

const ENERGY: Kind = {
  units: {
    J: 1,
    e: 1e-7,
    c: 4.184,
    cal: 4.1868,
    eV: 1.602176487e-19,
    ev: 1.602176487e-19,
    HPh: HORSE_POWER * 3600,
    hh: HORSE_POWER * 3600,
    Wh: 3600,
    wh: 3600,
    flb: FOOT_POUND,
    BTU: 1055.05585262,
    btu: 1055.05585262,
  },
  prefixed: all(1, 'J', 'e', 'c', 'cal', 'eV', 'ev', 'Wh', 'wh'),
}

const POWER: Kind = { units: { W: 1, w: 1, HP: HORSE_POWER, h: HORSE_POWER, PS: 735.49875 }, prefixed: all(1, 'W', 'w') }

const MAGNETISM: Kind = { units: { T: 1, ga: 1e-4 }, prefixed: all(1, 'T', 'ga') }

const VOLUME: Kind = {
  units: {
    ...powers(3),
    tsp: GALLON / 768,
    tspm: 5e-6,
    tbs: GALLON / 256,
    oz: GALLON / 128,
    cup: GALLON / 16,
    pt: GALLON / 8,
    us_pt: GALLON / 8,
    uk_pt: IMPERIAL_GALLON / 8,
    qt: GALLON / 4,
    uk_qt: IMPERIAL_GALLON / 4,
    gal: GALLON,
    uk_gal: IMPERIAL_GALLON,
    l: 1e-3,
    L: 1e-3,
    lt: 1e-3,
    barrel: GALLON * 42,
    bushel: 0.03523907016688,
    GRT: 2.8316846592,
    regton: 2.8316846592,
    MTON: 1.13267386368,
  },
  prefixed: { ...all(3, 'm3', 'm^3', 'ang3', 'ang^3'), ...all(1, 'l', 'L', 'lt', 'uk_pt') },
}

const AREA: Kind = {
  units: { ...powers(2), uk_acre: 4046.8564224, us_acre: 43_560 * SURVEY ** 2, ar: 100, ha: 10_000, Morgen: 2500 },
  prefixed: { ...all(2, 'm2', 'm^2', 'ang2', 'ang^2'), ...all(1, 'ar') },
}

const INFORMATION: Kind = { units: { bit: 1, byte: 8 }, prefixed: all(1, 'bit', 'byte'), binary: true }

const SPEED: Kind = {
  units: {
    'm/s': 1,
    'm/sec': 1,
    'm/h': 1 / 3600,
    'm/hr': 1 / 3600,
    mph: MILE / 3600,
    kn: NAUTICAL_MILE / 3600,
    admkn: (6080 * FOOT) / 3600,
  },
  prefixed: all(1, 'm/s', 'm/sec', 'm/h', 'm/hr', 'mph'),
}

const KINDS: readonly Kind[] = [MASS, LENGTH, TIME, PRESSURE, FORCE, ENERGY, POWER, MAGNETISM, VOLUME, AREA, INFORMATION, SPEED]

const DECIMAL_PREFIXES: Readonly<Record<string, number>> = {
  Y: 24,
  Z: 21,
  E: 18,
  P: 15,
  T: 12,
  G: 9,
  M: 6,
  k: 3,
  h: 2,
  da: 1,
  e: 1,
  d: -1,
  c: -2,
  m: -3,
  u: -6,
  n: -9,
  p: -12,
  f: -15,
  a: -18,
  z: -21,
  y: -24,
}

const BINARY_PREFIXES: Readonly<Record<string, number>> = { Yi: 80, Zi: 70, Ei: 60, Pi: 50, Ti: 40, Gi: 30, Mi: 20, ki: 10 }

/** A unit that was found: its kind, and how much of the kind's first unit it is. */
export interface Unit {
  readonly kind: object
  readonly size: number
}

/** The unit of that name, with a prefix if it takes one; null: there is none. */
export function unitNamed(name: string): Unit | null {
  for (const kind of KINDS) if (Object.hasOwn(kind.units, name)) return { kind, size: kind.units[name] ?? 1 }
  for (const length of [1, 2]) {
    const found = prefixedUnit(name.slice(0, length), name.slice(length))
    if (found !== null) return found
  }
  return null
}

function prefixedUnit(prefix: string, name: string): Unit | null {
  for (const kind of KINDS) {
    if (!Object.hasOwn(kind.prefixed, name)) continue
    const factor = prefixFactor(prefix, kind)
    if (factor !== null) return { kind, size: factor ** (kind.prefixed[name] ?? 1) * (kind.units[name] ?? 1) }
  }
  return null
}

function prefixFactor(prefix: string, { binary }: Kind): number | null {
  const ten = decimalPrefix(prefix)
  if (ten !== null) return ten
  return binary === true && Object.hasOwn(BINARY_PREFIXES, prefix) ? 2 ** (BINARY_PREFIXES[prefix] ?? 0) : null
}

/** 1000 for `k`; null: no prefix. */
export function decimalPrefix(prefix: string): number | null {
  return Object.hasOwn(DECIMAL_PREFIXES, prefix) ? Number(`1e${DECIMAL_PREFIXES[prefix] ?? 0}`) : null
}
