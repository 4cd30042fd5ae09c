import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { PaintedField, Picture } from '@sheetflow/client'

/** What a page asks that has everything twice: rows, sums of rows, nested rows, the greatest rows. */
export const BANK_QUERY = `{
  owners { id n balance held own { id amount n } }
  accounts { id owner amount n }
  ledger { id amount n }
  top: accounts(order_by: {amount: desc}, limit: 5) { id amount n }
}`

/** A row by column, as painted or as answered; lists nested in it by name. */
export interface SeenRow {
  readonly values: Readonly<Record<string, JsonValue>>
  readonly nested: Readonly<Record<string, readonly SeenRow[]>>
}

export type SeenFields = Readonly<Record<string, readonly SeenRow[]>>

/** What a picture shows, without its dress. */
export function fieldsOf(picture: Picture): SeenFields {
  return Object.fromEntries(Object.entries(picture.fields).map(([name, field]) => [name, rowsOf(field)]))
}

function rowsOf({ rows }: PaintedField): readonly SeenRow[] {
  return rows.map(({ values, nested }) => ({
    values,
    nested: Object.fromEntries(Object.entries(nested).map(([name, field]) => [name, rowsOf(field)])),
  }))
}

/** The amounts that a picture shows, by account, as text to compare with `Bank.amounts`. */
export function amountsOf(picture: Picture): string {
  const { accounts = [] } = fieldsOf(picture)
  return JSON.stringify(Object.fromEntries(accounts.map((row) => [Number(row.values['id']), amountOf(row)])))
}

/** A GraphQL answer to `BANK_QUERY`. */
export interface BankAnswer {
  readonly data?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[] | null>> | null
}

/** What an answer says, in the same form; null if it was refused, in whole or in part: a view may be filled anew at that moment. */
export function fieldsOfAnswer({ data }: BankAnswer): SeenFields | null {
  const lists = Object.entries(data ?? {}).flatMap(([name, rows]) => (rows === null ? [] : [[name, rows] as const]))
  if (lists.length === 0 || lists.length < Object.keys(data ?? {}).length) return null
  return Object.fromEntries(lists.map(([name, rows]) => [name, rows.map(rowOfAnswer)]))
}

function rowOfAnswer(row: Readonly<Record<string, unknown>>): SeenRow {
  const lists = Object.entries(row).filter(([, value]) => Array.isArray(value)) as [string, Readonly<Record<string, unknown>>[]][]
  const cells = Object.entries(row).filter(([, value]) => !Array.isArray(value)) as [string, JsonValue][]
  return { values: Object.fromEntries(cells), nested: Object.fromEntries(lists.map(([name, rows]) => [name, rows.map(rowOfAnswer)])) }
}

/** What does not fit together, or null: money is neither made nor lost, sums are the sums of what is shown beside them. */
export function torn(fields: SeenFields): string | null {
  const { owners = [], accounts = [], ledger = [], top = [] } = fields
  const all = sum(accounts) + sum(ledger)
  if (all !== 0) return `${all} came from nowhere`
  for (const { values, nested } of owners) {
    const theirs = accounts.filter((account) => account.values['owner'] === values['id'])
    const own = must(nested['own'], 'the page asks for the nested list')
    const sums = [Number(values['balance']), sum(theirs), sum(own)]
    if (new Set(sums).size > 1) return `owner ${Number(values['id'])}: balance, accounts, nested accounts are ${sums.join(', ')}`
    const counts = [Number(values['held']), theirs.length, own.length]
    if (new Set(counts).size > 1) return `owner ${Number(values['id'])} holds ${counts.join(', ')}`
  }
  const greatest = accounts.map(amountOf).toSorted((a, b) => b - a)
  const shown = top.map(amountOf)
  if (String(greatest.slice(0, 5)) !== String(shown)) return `the greatest are ${greatest.slice(0, 5).join()}, shown are ${shown.join()}`
  return null
}

function amountOf(row: SeenRow): number {
  return Number(row.values['amount'])
}

function sum(rows: readonly SeenRow[]): number {
  return rows.reduce((all, row) => all + amountOf(row), 0)
}

/**
 * What one reader has seen of each row. `n` counts up with each write of a row: who sees a smaller one than before has been shown the past.
 */
export class Eyes {
  /** `list/key` → the greatest `n` seen, and whether the row was there when the list was seen last. */
  readonly #seen = new Map<string, { n: number; isThere: boolean }>()

  /** What went back in time, or null. */
  look(fields: SeenFields): string | null {
    const { owners = [], top = [], ...whole } = fields
    // A row of a whole list that was away was deleted: when it is there again, it was written since.
    for (const [name, rows] of Object.entries(whole)) {
      const back = this.#lookAt(name, rows, true)
      if (back !== null) return back
    }
    const back = this.#lookAt('accounts', top, false) ?? this.#lookAt('owners', owners, false)
    if (back !== null) return back
    for (const { nested } of owners) {
      const nestedBack = this.#lookAt('accounts', nested['own'] ?? [], false)
      if (nestedBack !== null) return nestedBack
    }
    return null
  }

  #lookAt(name: string, rows: readonly SeenRow[], isWhole: boolean): string | null {
    const there = new Set<string>()
    for (const { values } of rows) {
      const id = `${name}/${Number(values['id'])}`
      const n = Number(values['n'])
      const before = this.#seen.get(id)
      there.add(id)
      if (before !== undefined && n < before.n) return `${id}: ${n} after ${before.n}`
      if (isWhole && before !== undefined && !before.isThere && n <= before.n) return `${id}: ${n} came back`
      this.#seen.set(id, { n, isThere: true })
    }
    if (isWhole) for (const [id, seen] of this.#seen) if (id.startsWith(`${name}/`) && !there.has(id)) seen.isThere = false
    return null
  }
}
