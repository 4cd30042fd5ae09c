import type { ClientBase, QueryArrayResult } from 'pg'
import { formatTime, formatTimestamp, parseTime, parseTimestamp } from '@sheetflow/core/calendar'
import { formatInterval, parseInterval } from '@sheetflow/core/interval'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Command } from '@sheetflow/core/message'
import type { CommandDb } from '@sheetflow/core/ports/target'
import type { JsonValue } from '@sheetflow/core/value'
import { bindNames, type BoundStatement } from './named-parameters.ts'

/** Statements that would end or change the transaction which is the target's own, and settings: they would stay with the connection, for whoever gets it next. */
const OURS = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'prepare', 'savepoint', 'release', 'set'])

/** What the last statement of a handler's SQL gave: its rows, or how many rows it changed. */
export type SqlResult = { readonly rows: readonly Readonly<Record<string, JsonValue>>[] } | { readonly count: number }

/** Values by parameter name; undefined: there is no such parameter. */
export type Lookup = (name: string) => unknown

/** The `db` of a handler function: statements in the business transaction. Of no use after the handler has ended. */
export class PostgresCommandDb implements CommandDb {
  readonly #client: ClientBase
  #open = true

  constructor(client: ClientBase) {
    this.#client = client
  }

  query(sql: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<readonly Readonly<Record<string, JsonValue>>[]> {
    const rows = this.#rows(sql, parameters)
    // One that nobody awaits and that fails makes the transaction fail; it is not to end the process too.
    rows.catch(() => {})
    return rows
  }

  async #rows(sql: string, parameters: Readonly<Record<string, unknown>>): Promise<readonly Readonly<Record<string, JsonValue>>[]> {
    const result = await this.run(sql, (name) => (Object.hasOwn(parameters, name) ? parameters[name] : undefined))
    return 'rows' in result ? result.rows : []
  }

  /** Runs every statement of the text; the last one's result. */
  async run(sql: string, lookup: Lookup): Promise<SqlResult> {
    let result: SqlResult = { count: 0 }
    for (const statement of bindNames(sql)) {
      if (!this.#open)
        throw new SheetflowError('command/failed', 'the handler has ended, and its transaction with it', { fix: 'Await every query.' })
      if (OURS.has(statement.verb)) {
        throw new SheetflowError('command/failed', `a handler may not run ${statement.verb.toUpperCase()}`, {
          fix: 'Its transaction is begun and ended for it.',
        })
      }
      result = resultOf(await this.#send(statement, lookup))
    }
    return result
  }

  close(): void {
    this.#open = false
  }

  #send({ text, names }: BoundStatement, lookup: Lookup): Promise<QueryArrayResult<(string | null)[]>> {
    const values = names.map((name) => {
      const value = lookup(name)
      if (value !== undefined) return value
      throw new SheetflowError('command/failed', `the SQL of the handler names :${name}, which is no parameter`, {
        fix: 'Add it to the payload, or correct the name.',
      })
    })
    return this.#client.query<(string | null)[]>({ text, values, rowMode: 'array', types: AS_TEXT })
  }
}

/** The parameters of a handler's SQL: fields of the payload, `:user.claim` (Blank if the token has none) and `:command.id`. */
export function commandParameters(command: Command): Lookup {
  return (name) => {
    if (Object.hasOwn(command.payload, name)) return command.payload[name]
    if (name === 'command.id') return command.id
    const [space, claim = ''] = name.split('.')
    if (space !== 'user' || claim === '') return undefined
    if (Object.hasOwn(command.claims, claim)) return command.claims[claim] ?? null
    return claim === 'id' ? command.user : null
  }
}

const AS_TEXT: { getTypeParser: () => (text: string) => string } = { getTypeParser: () => (text) => text }

function resultOf({ fields, rows, rowCount }: QueryArrayResult<(string | null)[]>): SqlResult {
  if (fields.length === 0) return { count: rowCount ?? 0 }
  return {
    rows: rows.map((row) => Object.fromEntries(fields.map(({ name, dataTypeID }, i) => [name, jsonOf(dataTypeID, row[i] ?? null)]))),
  }
}

/** Postgres' text form → JSON form (FORMATS 1) for the built-in scalar types; all others as Postgres prints them. */
function jsonOf(oid: number, text: string | null): JsonValue {
  if (text === null) return null
  switch (oid) {
    case 16:
      return text === 't'
    case 20:
    case 1700:
      return text
    case 21:
    case 23:
      return Number(text)
    case 700:
    case 701:
      return Number.isFinite(Number(text)) ? Number(text) + 0 : { e: '#NUM!' }
    case 17:
      return Buffer.from(text.slice(2), 'hex').toString('base64')
    case 1083:
      return reformat(parseTime(text), formatTime, text)
    case 1114:
      return reformat(parseTimestamp('timestamp', text), (value) => formatTimestamp('timestamp', value), text)
    case 1184:
      return reformat(parseTimestamp('timestamptz', text), (value) => formatTimestamp('timestamptz', value), text)
    case 1186:
      return reformat(parseInterval(text), formatInterval, text)
    default:
      return text
  }
}

/** Infinities and years BC stay as they are. */
function reformat<T>(value: T | null, format: (value: T) => string, text: string): string {
  return value === null ? text : format(value)
}
