import type { DeadLetter, DeadLetters, DeadLetterState } from '@sheetflow/core/dead-letter'
import type { KeyJson } from '@sheetflow/core/message'
import { exactKey } from '../graph/want.ts'
import type { Want } from '../graph/want.ts'

/** A source is asked so often for the same row before somebody has to look. */
const MAX_ASKS = 3
/** Letters that are open at once, and closed ones that are remembered. Beyond it those of a table become one. */
const MAX_OPEN = 128
const MAX_CLOSED = 64
/** Characters of a reason and of a stack. */
const MAX_REASON = 300
const MAX_STACK = 1_500

/** What was met. */
export type Met = Pick<DeadLetter, 'source' | 'table' | 'key' | 'column' | 'stream' | 'offset' | 'code' | 'reason' | 'stack' | 'run'> & {
  /** Place of the row in its message; null: all of the message is meant. */
  readonly row: number | null
}

/** A formula that failed. */
export type Failed = Pick<DeadLetter, 'key' | 'column' | 'stream' | 'offset' | 'reason' | 'stack' | 'times'> & {
  /** Its sheet. */
  readonly table: string
}

/**
 * The dead letters of one graph (ADR 025, ADR 026): what was set aside, until it is right again. State, made by the graph's inputs alone; it asks for rows by
 * its wants and is told by whoever reads them.
 */
export class Letters {
  /** By what they are about. */
  #open = new Map<string, DeadLetter>()
  #closed: readonly DeadLetter[] = []
  #total = 0
  #isChanged = false

  get size(): number {
    return this.#open.size
  }

  /** How many there ever were. */
  get total(): number {
    return this.#total
  }

  get open(): readonly DeadLetter[] {
    return [...this.#open.values()]
  }

  /** Met again, it is the same letter. */
  add(met: Met): void {
    const place = placeOf(met)
    const known = this.#open.get(place)
    if (known === undefined && met.source !== null && this.#open.size >= MAX_OPEN) {
      this.#addToTable(met)
      return
    }
    const { row, reason, stack, ...rest } = met
    const times = (known?.times ?? 0) + 1
    this.#total += known === undefined ? 1 : 0
    this.#isChanged = true
    this.#open.set(place, {
      ...rest,
      id: known?.id ?? idOf(met.source, met.offset, row),
      state: 'open',
      reason: reason.slice(0, MAX_REASON),
      stack: stack?.slice(0, MAX_STACK) ?? null,
      times,
      asks: met.source === null ? 0 : Math.max(known?.asks ?? 0, Math.min(times, MAX_ASKS)),
      at: known?.at ?? '',
      closedAt: null,
    })
  }

  /** A formula failed: one letter for all its rows, of the first of them. Beyond the bound none is opened. */
  addFormula(failed: Failed): void {
    const { table, column, times } = failed
    const place = placeOfFormula(table, column)
    const known = this.#open.get(place)
    if (known === undefined && this.#open.size >= MAX_OPEN) return
    this.#total += known === undefined ? 1 : 0
    this.#isChanged = true
    this.#open.set(place, {
      ...failed,
      ...(known === undefined ? {} : { key: known.key, reason: known.reason, stack: known.stack }),
      source: null,
      code: 'engine/formula-failed',
      id: column === null ? table : `${table}.${column}`,
      state: 'open',
      times: (known?.times ?? 0) + times,
      asks: 0,
      run: 0,
      at: known?.at ?? '',
      closedAt: null,
    })
  }

  /** Other formulas run from now on: those that fail will say so again. */
  forgetFormulas(): void {
    this.#close(({ source, table }) => source === null && table !== null, 'gone')
  }

  /** The letter of a row, if one is open. */
  of(source: string, table: string, key: KeyJson): DeadLetter | undefined {
    return this.#open.get(placeOf({ source, table, key }))
  }

  /** Is any letter of the table open? */
  isOpenFor(source: string, table: string): boolean {
    return this.open.some((one) => one.source === source && one.table === table)
  }

  /** The row has come whole, or is gone. */
  healRow(source: string, table: string, key: KeyJson): void {
    this.#close((one) => one === this.of(source, table, key), 'healed')
  }

  /** The table is empty. */
  healTable(source: string, table: string): void {
    this.#close((one) => one.source === source && one.table === table, 'healed')
  }

  /** `loaded` of a run: it brought what the tables are. */
  healRun(source: string, tables: readonly string[], run: number): void {
    this.#close((one) => one.source === source && tables.includes(one.table ?? '') && one.run < run, 'healed')
  }

  /** Nothing of these tables is read any more. */
  forget(isGone: (source: string, table: string) => boolean): void {
    this.#close(({ source, table }) => source !== null && table !== null && isGone(source, table), 'gone')
  }

  /** Somebody decided. Unknown ids are passed over. */
  decide(action: 'retry' | 'drop', ids: readonly string[]): void {
    const isMeant = ({ id }: DeadLetter): boolean => ids.includes(id)
    if (action === 'drop') this.#close(isMeant, 'dropped')
    else this.#change((one) => (isMeant(one) && one.source !== null ? { ...one, asks: one.asks + 1 } : one))
  }

  rename(source: string, from: string, to: string): void {
    this.#change((one) => (one.source === source && one.table === from ? { ...one, table: to } : one))
  }

  /** What has to be asked of sources. */
  wants(graph: string): readonly Want[] {
    return this.open.flatMap(({ id, source, table, key, asks }): Want[] => {
      if (source === null || table === null) return []
      if (key === null) return [{ kind: 'resnapshot', id: `resnapshot/${graph}/${id}/${asks}`, source, tables: [table] }]
      return [{ kind: 'reread', id: `reread/${graph}/${id}/${asks}`, source, table, keys: [exactKey(key)] }]
    })
  }

  /** All of them, if any has changed since they were taken last. `at`: of the step that ends. */
  take(at: string): DeadLetters | null {
    if (!this.#isChanged) return null
    this.#change((one) => (one.at === '' ? { ...one, at } : one))
    this.#closed = this.#closed.map((one) => ({
      ...one,
      at: one.at === '' ? at : one.at,
      closedAt: one.closedAt === '' ? at : one.closedAt,
    }))
    this.#isChanged = false
    return this.save()
  }

  /** Readers have lost what they were told. */
  tellAgain(): void {
    this.#isChanged = true
  }

  save(): DeadLetters {
    return { open: this.open, closed: this.#closed, total: this.#total }
  }

  restore({ open, closed, total }: DeadLetters): void {
    this.#open = new Map(open.map((one) => [placeOfLetter(one), one]))
    this.#closed = closed
    this.#total = total
  }

  /** Too many to be named: one for all of the table. */
  #addToTable(met: Met): void {
    for (const [place, one] of this.#open) if (one.source === met.source && one.table === met.table) this.#open.delete(place)
    const place = placeOf({ ...met, key: null })
    this.#total += 1
    this.#isChanged = true
    const { row, ...rest } = met
    const reason = `more than ${MAX_OPEN} letters are open; the last one: ${met.reason}`.slice(0, MAX_REASON)
    const id = idOf(met.source, met.offset, row)
    this.#open.set(place, {
      ...rest,
      id,
      state: 'open',
      key: null,
      column: null,
      reason,
      stack: null,
      times: 1,
      asks: 1,
      at: '',
      closedAt: null,
    })
  }

  #close(isMeant: (letter: DeadLetter) => boolean, state: DeadLetterState): void {
    for (const [place, one] of this.#open) {
      if (!isMeant(one)) continue
      this.#open.delete(place)
      this.#closed = [...this.#closed, { ...one, state, closedAt: '' }].slice(-MAX_CLOSED)
      this.#isChanged = true
    }
  }

  #change(change: (letter: DeadLetter) => DeadLetter): void {
    const changed = this.open.map(change)
    this.#isChanged ||= changed.some((one, i) => one !== this.open[i])
    this.#open = new Map(changed.map((one) => [placeOfLetter(one), one]))
  }
}

function placeOfLetter(letter: DeadLetter): string {
  return letter.source === null && letter.table !== null ? placeOfFormula(letter.table, letter.column) : placeOf(letter)
}

function placeOfFormula(view: string, column: string | null): string {
  return `formula/${JSON.stringify([view, column])}`
}

/** What a letter is about. Each message of an inbox that cannot be read is one by itself. */
function placeOf({ source, table, key, offset }: Pick<DeadLetter, 'source' | 'table' | 'key'> & { readonly offset?: number }): string {
  return source === null ? `inbox/${String(offset)}` : `${source}!${table ?? ''}/${key === null ? '' : JSON.stringify(key)}`
}

function idOf(source: string | null, offset: number, row: number | null): string {
  return `${source ?? 'inbox'}-${offset}${row === null ? '' : `-${row}`}`
}
