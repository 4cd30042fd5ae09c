import { lsnFromSql } from '../postgres/log/lsn.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'

/** Column type → how the oracle turns Postgres' text into our JSON. */
export type OracleTypes = Readonly<Record<string, Readonly<Record<string, 'number' | 'text'>>>>

type Row = readonly (string | number | null)[]

interface OracleChange {
  readonly table: string
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE'
  readonly old: ReadonlyMap<string, string | null> | null
  readonly fields: ReadonlyMap<string, string | null | undefined>
}

interface OracleTransaction {
  /** The end of its commit record. */
  readonly end: string
  readonly changes: readonly OracleChange[]
}

const SLOT = 'oracle'

/**
 * The truth, by another way than ours: the text that Postgres' own `test_decoding` prints from a second slot, replayed commit by commit. It shares no code with
 * the decoder under test.
 */
export class Oracle {
  readonly #types: OracleTypes
  readonly #keys: Readonly<Record<string, readonly string[]>>
  readonly #tables = new Map<string, Map<string, Row>>()
  #transactions: readonly OracleTransaction[] = []
  #at = 0

  private constructor(types: OracleTypes, keys: Readonly<Record<string, readonly string[]>>) {
    this.#types = types
    this.#keys = keys
  }

  /** Made while nobody writes: the tables as they are, and a slot from here on. */
  static async open(client: TestClient, types: OracleTypes, keys: Readonly<Record<string, readonly string[]>>): Promise<Oracle> {
    const oracle = new Oracle(types, keys)
    await client.query(`select pg_create_logical_replication_slot('${SLOT}', 'test_decoding')`)
    for (const table of Object.keys(types)) oracle.#tables.set(table, await oracle.read(client, table))
    return oracle
  }

  /** A table as SQL shows it now. */
  async read(client: TestClient, table: string): Promise<Map<string, Row>> {
    const columns = Object.keys(this.#types[table] ?? {})
    const { rows } = await client.query<Record<string, string | null>>(
      `select ${columns.map((c) => `${c}::text as ${c}`).join(', ')} from ${table}`,
    )
    return new Map(rows.map((row) => this.#entry(table, new Map(Object.entries(row)))))
  }

  /** Reads everything that was committed so far. */
  async load(client: TestClient): Promise<void> {
    const { rows } = await client.query<{ lsn: string; data: string }>(
      `select lsn::text, data from pg_logical_slot_peek_changes('${SLOT}', null, null)`,
    )
    const transactions: OracleTransaction[] = []
    let changes: OracleChange[] = []
    for (const { lsn, data } of rows) {
      if (data.startsWith('BEGIN')) changes = []
      else if (data.startsWith('COMMIT')) transactions.push({ end: lsnFromSql(lsn), changes })
      else if (!data.startsWith('message:')) changes.push(parseChange(data))
    }
    this.#transactions = transactions
  }

  /** Goes on to the state right after the transaction whose commit record begins at `mark`. */
  advance(mark: string): void {
    for (let done = false; !done;) {
      const transaction = this.#transactions[this.#at]
      if (transaction === undefined) return
      for (const change of transaction.changes) this.#apply(change)
      this.#at++
      done = transaction.end > mark
    }
  }

  /** Transactions that were not replayed yet. */
  get left(): number {
    return this.#transactions.slice(this.#at).filter((transaction) => transaction.changes.length > 0).length
  }

  /** Key as JSON text → row, as of where it stands. */
  table(name: string): ReadonlyMap<string, Row> {
    return this.#tables.get(name) ?? new Map()
  }

  #apply({ table, op, old, fields }: OracleChange): void {
    const rows = this.#tables.get(table)
    if (rows === undefined) return
    if (op === 'TRUNCATE') return rows.clear()
    if (op === 'DELETE') return void rows.delete(this.#key(table, fields))
    const base = op === 'INSERT' ? undefined : rows.get(this.#key(table, old ?? fields))
    if (op === 'UPDATE') rows.delete(this.#key(table, old ?? fields))
    const columns = Object.keys(this.#types[table] ?? {})
    const filled = new Map(
      columns.map((column, i) => [column, fields.get(column) === undefined ? textOf(base?.[i]) : (fields.get(column) ?? null)]),
    )
    rows.set(...this.#entry(table, filled))
  }

  #entry(table: string, fields: ReadonlyMap<string, string | null>): [string, Row] {
    const row = Object.entries(this.#types[table] ?? {}).map(([column, type]) => jsonOf(type, fields.get(column) ?? null))
    return [this.#key(table, fields), row]
  }

  #key(table: string, fields: ReadonlyMap<string, string | null | undefined>): string {
    const types = this.#types[table] ?? {}
    return JSON.stringify((this.#keys[table] ?? []).map((column) => jsonOf(types[column] ?? 'text', fields.get(column) ?? null)))
  }
}

function jsonOf(type: 'number' | 'text', text: string | null): string | number | null {
  return text === null ? null : type === 'number' ? Number(text) : text
}

function textOf(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

const HEAD = /^table ([^:]+): (INSERT|UPDATE|DELETE|TRUNCATE):/
const FIELD = /([a-z_0-9]+)\[[^\]]*(?:\[\])?\]:(null|unchanged-toast-datum|'(?:[^']|'')*'|[^ ]+)/gy

/** One line of test_decoding. A column that was not sent is undefined. */
function parseChange(line: string): OracleChange {
  const head = HEAD.exec(line)
  if (head === null) throw new Error(`test_decoding said: ${line.slice(0, 200)}`)
  const [all, table = '', op = ''] = head
  let rest = line.slice(all.length)
  let old: Map<string, string | null> | null = null
  if (rest.startsWith(' old-key:')) {
    const parsed = parseFields(rest, ' old-key:'.length)
    old = new Map([...parsed.fields].map(([name, value]) => [name, value ?? null]))
    rest = rest.slice(parsed.end).replace(/^ ?new-tuple:/, '')
  }
  const fields = op === 'TRUNCATE' ? new Map<string, string | null | undefined>() : parseFields(rest, 0).fields
  return { table, op: op as OracleChange['op'], old, fields }
}

function parseFields(text: string, from: number): { fields: Map<string, string | null | undefined>; end: number } {
  const fields = new Map<string, string | null | undefined>()
  let at = from
  for (;;) {
    while (text[at] === ' ') at++
    FIELD.lastIndex = at
    const match = FIELD.exec(text)
    if (match === null) return { fields, end: at }
    const [, name = '', value = ''] = match
    if (value === 'unchanged-toast-datum') fields.set(name, undefined)
    else if (value === 'null') fields.set(name, null)
    else fields.set(name, value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value)
    at = FIELD.lastIndex
  }
}
