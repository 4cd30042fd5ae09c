import type { ColumnType } from '@sheetflow/core/type'
import type { Expr } from '@sheetflow/formula/bound'
import { computedType } from '@sheetflow/formula/value/type-rules'

/** How a formula reads a column of its sheet: in its own row, or through a lookup or an aggregate in other rows. */
export type Way = 'row' | 'rows'

/** The type of a column that is not known yet, as it is assumed. */
export interface AssumedType {
  readonly type: ColumnType
  readonly nullable: boolean
}

/** A column's formula, bound; `errors`: how many there are in it, and in what was bound for it. */
export interface Attempt {
  readonly expr: Expr
  readonly errors: number
}

/** How a formula is bound as long as its type is looked for. */
export interface Attempts<T extends Attempt> {
  /** Types to begin with. */
  starts(): readonly ColumnType[]
  bind(): T
  /** Takes back what the last `bind` did and reported. */
  forget(): void
}

/** A type follows from itself through a few others at most. */
const MOST = 4
/** So often columns of a sheet are come to again in all: five that all read each other need a thousand, and each one more eight times as many. */
const MOST_AGAIN = 2_000

/**
 * Types of the columns of a sheet that read themselves: one is assumed, the formula is bound, and what comes out is assumed next, until it is what
 * was assumed. Which type it begins with matters for formulas that fit one kind only (`[@name]&"/"&XLOOKUP(…, [path])`): the next is tried when
 * one leads to errors, and what is reported in the end is of the one with the fewest.
 */
export class RecursiveTypes {
  /** Columns that are being bound, and how each was come to. */
  readonly #open: { readonly name: string; readonly way: Way }[] = []
  readonly #assumed = new Map<string, AssumedType>()
  /** Columns whose assumed type was read. */
  readonly #read = new Set<string>()
  readonly #met = new Set<string>()
  #again = 0

  /** The type of a column that is being bound; null where it would be read in the very row in which it is computed: that is a circle in each row. */
  assumed(name: string, way: Way): AssumedType | null {
    const at = this.#open.findIndex((one) => one.name === name)
    const isThroughRows = way === 'rows' || this.#open.slice(at + 1).some((one) => one.way === 'rows')
    if (at < 0 || !isThroughRows) return null
    this.#read.add(name)
    return this.#assumed.get(name) ?? null
  }

  /** The types were given up: there are too many ways in which they may follow from each other. */
  get isGivenUp(): boolean {
    return this.#again > MOST_AGAIN
  }

  bind<T extends Attempt>(name: string, way: Way, attempts: Attempts<T>): T {
    if (this.#met.has(name)) this.#again++
    this.#met.add(name)
    this.#open.push({ name, way })
    const bound = this.#settled(name, attempts)
    this.#open.pop()
    return bound
  }

  #settled<T extends Attempt>(name: string, attempts: Attempts<T>): T {
    let best: { readonly start: AssumedType; readonly errors: number } | null = null
    // What came out the last time first: columns that read each other in many ways are bound again and again.
    const first = this.#assumed.get(name) ?? { type: { type: 'int' }, nullable: false }
    for (const start of startsOf(first, attempts)) {
      let guess = start
      for (let i = 0; i < MOST; i++) {
        // One is bound once more, as it is assumed: what has no type yet has to end, too.
        if (this.isGivenUp) return this.#bindAs(name, guess, attempts)
        const bound = this.#bindAs(name, guess, attempts)
        if (!this.#read.has(name)) return bound
        const found = { type: computedType(bound.expr.type), nullable: guess.nullable || bound.expr.nullable }
        if (bound.errors === 0 && isSame(found, guess)) return bound
        if (best === null || bound.errors < best.errors) best = { start: guess, errors: bound.errors }
        attempts.forget()
        if (bound.errors > 0) break
        guess = found
      }
    }
    return this.#bindAs(name, best?.start ?? { type: { type: 'text' }, nullable: true }, attempts)
  }

  #bindAs<T extends Attempt>(name: string, guess: AssumedType, attempts: Attempts<T>): T {
    this.#assumed.set(name, guess)
    this.#read.delete(name)
    return attempts.bind()
  }
}

/** Types to begin with, worked out as far as they are wanted: most formulas do not read themselves. */
function* startsOf<T extends Attempt>(first: AssumedType, attempts: Attempts<T>): Generator<AssumedType> {
  yield first
  for (const type of attempts.starts()) yield { type, nullable: false }
}

function isSame(a: AssumedType, b: AssumedType): boolean {
  return a.nullable === b.nullable && JSON.stringify(a.type) === JSON.stringify(b.type)
}
