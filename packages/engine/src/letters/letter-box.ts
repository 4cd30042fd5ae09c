import type { DeadLetter, DeadLetters } from '@sheetflow/core/dead-letter'
import type { DeadPiece } from '@sheetflow/core/framing/assembler'
import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { GraphInbox, RowChange, RowsMessage } from '@sheetflow/core/message'
import { graphInbox, sourceStream } from '@sheetflow/core/subject'
import type { SourceTables } from '../graph/source-tables.ts'
import type { FormulaFault } from '../program/formula-faults.ts'
import type { Want } from '../graph/want.ts'
import type { RowFlaw } from '../state/row-flaws.ts'
import { Letters } from './letters.ts'

const BASELESS = {
  column: null,
  code: 'source/base-missing',
  reason: 'it leaves cells unchanged, but the row that has them is not here',
} as const

/**
 * Watches what enters a graph for what could not be read, and for what makes it right: keeps the letters, and tells each table how many are open for it,
 * by which the views that read it are stale (ADR 025).
 */
export class LetterBox {
  readonly #graph: string
  readonly #tables: SourceTables
  readonly #letters = new Letters()
  /** The message that was taken in last. */
  #last: Pick<DeadLetter, 'stream' | 'offset'>
  /** What is wrong with the rows that were taken in last, by their place. */
  readonly #flaws = new Map<number, RowFlaw>()

  constructor(graph: string, tables: SourceTables) {
    this.#graph = graph
    this.#tables = tables
    this.#last = { stream: graphInbox(graph), offset: 0 }
  }

  /** How many are open. */
  get size(): number {
    return this.#letters.size
  }

  /** How many there ever were. */
  get total(): number {
    return this.#letters.total
  }

  get open(): readonly DeadLetter[] {
    return this.#letters.open
  }

  /** To be told what is wrong with rows while they are taken in; then `rows` follows. */
  readonly flawed = (flaw: RowFlaw): void => {
    this.#flaws.set(flaw.index, flaw)
  }

  /** Rows were taken in, as far as they could be read. */
  rows(source: string, offset: number, { table, rows }: RowsMessage): void {
    this.#last = { stream: sourceStream(source), offset }
    if (this.#flaws.size === 0 && this.#letters.size === 0) return
    const where = { source, table, stream: sourceStream(source), offset, stack: null, run: this.#runOf(source, table) }
    const id = `${source}!${table}`
    let before: DeadLetter | undefined
    for (const [index, row] of rows.entries()) {
      const flaw = this.#flaws.get(index)
      const stale = before
      before = row[0] === 'd' && row[1] !== null ? this.#letters.of(source, table, row[1]) : undefined
      if (flaw !== undefined) this.#letters.add({ ...where, ...flaw, row: index })
      // Cells that it took from the row that it was are as doubtful as that.
      else if (row[0] === 'c' && stale !== undefined && isPartial(row)) this.#letters.add({ ...stale, ...where, key: row[1], row: index })
      else if (this.#isBaseless(id, row) && this.#letters.isOpenFor(source, table))
        this.#letters.add({ ...where, ...BASELESS, key: row[1], row: index })
      else this.#sound(source, table, row)
    }
    this.#flaws.clear()
    this.#mark()
  }

  /** A message that could not be read at all. `source` null: of the graph's inbox. */
  dead(source: string | null, { offset, table, error }: DeadPiece): void {
    if (source !== null && (table === null || !this.#tables.isRead(`${source}!${table}`))) return
    this.#letters.add({
      source,
      table: source === null ? null : table,
      key: null,
      column: null,
      stream: source === null ? graphInbox(this.#graph) : sourceStream(source),
      offset,
      row: null,
      code: error.code,
      reason: error.message,
      stack: error.stack ?? null,
      run: source === null ? 0 : this.#runOf(source, table ?? ''),
    })
    this.#mark()
  }

  /** A control message of a source was taken in. */
  control(source: string, message: Extract<TransactionPiece, { kind: 'control' }>['message']): void {
    if (this.#letters.size === 0) return
    if (message.kind === 'loaded') this.#letters.healRun(source, message.tables, message.run)
    if (message.kind === 'rename') this.#letters.rename(source, message.table, message.to)
    if (message.kind === 'drop') this.#letters.forget((of, table) => of === source && table === message.table)
    this.#mark()
  }

  /** Formulas failed in the step that ends. */
  formulas(faults: readonly FormulaFault[]): void {
    for (const { view, column, key, error, times } of faults)
      this.#letters.addFormula({ ...this.#last, ...toldOf(error), table: view, column, key, times })
  }

  /** Other formulas run from now on. */
  forgetFormulas(): void {
    this.#letters.forgetFormulas()
  }

  decide({ action, ids }: Extract<GraphInbox, { kind: 'letter' }>): void {
    this.#letters.decide(action, ids)
    this.#mark()
  }

  /** Tables are not read any more. */
  forgetUnread(): void {
    if (this.#letters.size === 0) return
    this.#letters.forget((source, table) => !this.#tables.isRead(`${source}!${table}`))
    this.#mark()
  }

  wants(): readonly Want[] {
    return this.#letters.wants(this.#graph)
  }

  /** All of them, if the step that ends at this time has changed any. */
  take(at: string): DeadLetters | null {
    return this.#letters.take(at)
  }

  /** Readers have lost what they were told. */
  tellAgain(): void {
    this.#letters.tellAgain()
  }

  save(): DeadLetters {
    return this.#letters.save()
  }

  /** Behind the tables. */
  restore(saved: DeadLetters): void {
    this.#letters.restore(saved)
    this.#mark()
  }

  #sound(source: string, table: string, row: RowChange): void {
    const [op, key] = row
    if (op === 't') this.#letters.healTable(source, table)
    else if (key !== null && !isPartial(row)) this.#letters.healRow(source, table, key)
  }

  /** Was this row left out because the one that it builds on is not there? While letters of the table are open, that may have been set aside. */
  #isBaseless(id: string, row: RowChange): boolean {
    const rows = this.#tables.get(id)?.rows
    if (rows === undefined || row[1] === null || !isPartial(row)) return false
    const slot = rows.find(row[1])
    return slot < 0 || !rows.isLive(slot)
  }

  #runOf(source: string, table: string): number {
    return this.#tables.get(`${source}!${table}`)?.run ?? 0
  }

  #mark(): void {
    const open = new Map<string, number>()
    for (const { source, table } of this.#letters.open) {
      const id = `${source ?? ''}!${table ?? ''}`
      open.set(id, (open.get(id) ?? 0) + 1)
    }
    for (const table of this.#tables.all()) table.letters = open.get(table.id) ?? 0
  }
}

/** A message of an error may quote cells; its kind and the places of our code do not. */
function toldOf(error: unknown): Pick<DeadLetter, 'reason' | 'stack'> {
  if (!(error instanceof Error)) return { reason: 'a function of the formula failed', stack: null }
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { reason: `a function of the formula failed: ${error.name}`, stack: places.length === 0 ? null : places.join('\n') }
}

function isPartial([, , after]: RowChange): boolean {
  return after !== null && after.some(isUnchanged)
}
