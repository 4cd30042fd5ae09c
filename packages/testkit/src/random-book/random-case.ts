import { must } from '@sheetflow/core/assert'
import type { ColumnType } from '@sheetflow/core/type'
import type { Book, BookSheet } from '../recalc/model.ts'
import { Random } from '../random.ts'
import type { Case, CaseStep, CaseTable, KnownSheet, TryBook } from './case.ts'
import { FormulaWriter } from './formulas.ts'
import type { Reach } from './formulas.ts'
import type { KnownColumn, KnownRelation } from './known.ts'
import { someRows } from './rows.ts'
import type { RowsDraft } from './rows.ts'
import { changedSchema, someTables } from './schema.ts'
import { Writer } from './stream.ts'

const ZONES = ['Europe/Warsaw', 'America/New_York', 'UTC']
const FUNCTIONS: Readonly<Record<string, string>> = {
  TWICE: '=LAMBDA(n,n*2)',
  NETTO: '=LAMBDA(n,ROUND(n/(1+TAX),2))',
  BUMP: '=LAMBDA(n,LET(m,n+1,IF(m>3,TWICE(m),m)))',
}

/** The case of a seed: the same on every machine. */
export function randomCase(seed: number, tryBook: TryBook): Case {
  const random = new Random(seed)
  const tables = someTables(random)
  const author = new Author(random, (book, now) => tryBook(book, now, tables))
  const book = author.write(tables)
  return { tables, book, steps: stepsOf(random, tables, book, author) }
}

type TryTables = (book: Book, tables: readonly CaseTable[]) => readonly KnownSheet[] | null

/** Writes workbooks that compile: what does not is left out. */
class Author {
  readonly #random: Random
  readonly #tryBook: TryTables

  constructor(random: Random, tryBook: TryTables) {
    this.#random = random
    this.#tryBook = tryBook
  }

  write(tables: readonly CaseTable[]): Book {
    let book: Book = { name: 'book', timeZone: this.#random.pick(ZONES), values: { TAX: '0.23', ...FUNCTIONS }, sheets: {} }
    for (let i = this.#random.between(0, 2); i > 0; i--) book = this.#withValue(book, tables, `LEVEL_${i}`)
    for (let i = this.#random.between(2, 5); i > 0; i--) book = this.#withSheet(book, tables)
    return book
  }

  /** Another formula, column or sheet; or one less. */
  edited(book: Book, tables: readonly CaseTable[]): Book {
    const names = Object.keys(book.sheets)
    const name = this.#random.pick(names)
    const sheet = must(book.sheets[name])
    const dice = this.#random.next()
    if (dice < 0.3) return this.#withSheet(book, tables)
    const without = Object.fromEntries(Object.entries(book.sheets).filter(([one]) => one !== name))
    if (dice < 0.4 && names.length > 1) return this.#tried({ ...book, sheets: without }, tables, book)
    const columns = Object.entries(sheet.columns ?? {})
    if (dice < 0.7 && columns.length > 0) {
      const [gone] = this.#random.pick(columns)
      const left = { ...sheet, columns: Object.fromEntries(columns.filter(([one]) => one !== gone)) }
      return this.#tried({ ...book, sheets: { ...book.sheets, [name]: left } }, tables, book)
    }
    const known = this.#tryBook(book, tables)
    const own = known?.find((one) => one.name === name)
    if (own === undefined) return book
    const row = own.columns
    return this.#withColumn(book, tables, name, { rows: sheet.rows, row, group: null })
  }

  #tried(next: Book, tables: readonly CaseTable[], instead: Book): Book {
    return this.#tryBook(next, tables) === null ? instead : next
  }

  #withValue(book: Book, tables: readonly CaseTable[], name: string): Book {
    const writer = new FormulaWriter(this.#random, this.#reach(book, tables, { rows: '', row: [], group: null }))
    for (let tries = 0; tries < 5; tries++) {
      const next = { ...book, values: { ...book.values, [name]: `=${writer.whole()}` } }
      if (this.#tryBook(next, tables) !== null) return next
    }
    return book
  }

  #withSheet(book: Book, tables: readonly CaseTable[]): Book {
    const name = `sheet${Object.keys(book.sheets).length + 1}${this.#random.pick(['', '_a', '_b'])}`
    if (book.sheets[name] !== undefined) return book
    for (let tries = 0; tries < 6; tries++) {
      const relations = this.#relations(book, tables)
      const draft = someRows(this.#random, relations, numbersOf(book))
      const keep = draft.row.map((column) => column.name).filter(() => this.#random.chance(0.6))
      const sheet: BookSheet = { rows: draft.rows, keep, ...(draft.map === undefined ? {} : { map: draft.map }) }
      let next: Book = { ...book, sheets: { ...book.sheets, [name]: sheet } }
      if (this.#tryBook(next, tables) === null) continue
      for (let columns = this.#random.between(1, 5); columns > 0; columns--) next = this.#withColumn(next, tables, name, draft)
      return next
    }
    return book
  }

  #withColumn(book: Book, tables: readonly CaseTable[], name: string, draft: RowsDraft): Book {
    const sheet = must(book.sheets[name])
    const columns = sheet.columns ?? {}
    for (let tries = 0; tries < 6; tries++) {
      const known = this.#tryBook(book, tables)?.find((one) => one.name === name)
      const computed = known?.columns.filter((one) => Object.hasOwn(columns, one.name)) ?? []
      const writer = new FormulaWriter(this.#random, this.#reach(book, tables, { ...draft, row: [...draft.row, ...computed] }, name))
      // No two sheets have a computed column of one name: what a formula means by it is seen at a glance.
      const column = `f${name.replaceAll(/\D/g, '')}_${Object.keys(columns).length + 1}`
      if (Object.hasOwn(columns, column)) return book
      const next = { ...book, sheets: { ...book.sheets, [name]: { ...sheet, columns: { ...columns, [column]: writer.column() } } } }
      if (this.#tryBook(next, tables) !== null) return next
    }
    return book
  }

  #reach(book: Book, tables: readonly CaseTable[], { row, group }: RowsDraft, own?: string): Reach {
    return {
      row,
      own: own === undefined ? null : { label: '', columns: group ?? row, key: [] },
      isGroup: group !== null,
      relations: this.#relations(book, tables, own),
      numbers: numbersOf(book),
      functions: Object.keys(FUNCTIONS),
    }
  }

  /** Tables, and the sheets that are there before that one. */
  #relations(book: Book, tables: readonly CaseTable[], before?: string): KnownRelation[] {
    const earlier = Object.keys(book.sheets)
    const known = (this.#tryBook(book, tables) ?? []).filter(
      (sheet) => before === undefined || earlier.indexOf(sheet.name) < earlier.indexOf(before),
    )
    return [
      ...tables.map(({ id, schema }): KnownRelation => ({
        label: id.replace('!public.', '!'),
        columns: schema.columns.map((column): KnownColumn => ({ name: column.name, type: column as ColumnType })),
        key: schema.key,
      })),
      ...known.map((sheet: KnownSheet): KnownRelation => ({ label: sheet.name, columns: sheet.columns, key: sheet.key })),
    ]
  }
}

function numbersOf(book: Book): string[] {
  return Object.keys(book.values).filter((name) => /^(TAX|LEVEL_\d)$/.test(name))
}

/** Rows first, so that there is something to be wrong; then all that can happen; now and then everything goes. */
function stepsOf(random: Random, tables: readonly CaseTable[], first: Book, author: Author): CaseStep[] {
  const writer = new Writer(random, tables)
  const sources = [...new Set(tables.map(({ id }) => must(id.split('!')[0])))]
  const steps: CaseStep[] = random.chance(0.8) ? sources.map((source) => ({ kind: 'rows', changes: writer.full(source) })) : []
  let book = first
  let [day, minute, schemas, saved, renamed] = [23, 0, 1, false, false]
  for (let left = random.between(6, 18); left > 0; left--) {
    const dice = random.next()
    const source = random.pick(sources)
    if (dice < 0.05) {
      const table = random.pick(writer.tables)
      const schema = changedSchema(random, table, ++schemas)
      if (schema === null) continue
      renamed ||= schema.columns.some((column) => table.schema.columns.some((old) => old.id === column.id && old.name !== column.name))
      writer.changeSchema(table.id, schema)
      steps.push({ kind: 'schema', table: table.id, schema })
      // What was compiled before a column went is another thing than what is compiled afterwards.
      const next = renamed || random.chance(0.3) ? book : author.edited(book, writer.tables)
      if (next !== book) steps.push({ kind: 'deploy', book: (book = next) })
    } else if (dice < 0.1) {
      // What runs stands for ids; a file that is edited after a rename would have to be edited there too.
      if (renamed) continue
      const next = author.edited(book, writer.tables)
      if (next === book) continue
      book = next
      steps.push({ kind: 'deploy', book })
    } else if (dice < 0.15) {
      minute += random.between(1, 90)
      if (random.chance(0.3)) day += 1
      steps.push({ kind: 'tick', now: new Date(Date.UTC(2026, 10, day, 10, minute)).toISOString().replace('Z', '000Z') })
    } else if (dice < 0.2) {
      steps.push({ kind: 'checkpoint' })
      saved = true
    } else if (dice < 0.24 && saved) steps.push({ kind: 'restart' })
    else if (dice < 0.27) steps.push({ kind: 'rows', changes: writer.emptied(source) })
    else steps.push({ kind: 'rows', changes: writer.transaction(source), ...(random.chance(0.2) ? { open: true } : {}) })
  }
  if (random.chance(0.4)) steps.push(...sources.map((source): CaseStep => ({ kind: 'rows', changes: writer.emptied(source) })))
  return steps
}
