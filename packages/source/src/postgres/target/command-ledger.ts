import type { ClientBase } from 'pg'
import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Command } from '@sheetflow/core/message'
import type { CommandOutcome } from '@sheetflow/core/ports/target'
import { firstUlidOf } from '@sheetflow/core/ulid'
import type { JsonValue } from '@sheetflow/core/value'
import { asciiJson, asciiName } from './storable.ts'

const TABLE = 'sheetflow.commands'

/** What `prepare` runs, or asks somebody with more rights to run. */
const CREATE = `CREATE SCHEMA IF NOT EXISTS sheetflow;
CREATE TABLE IF NOT EXISTS ${TABLE} (
  id text PRIMARY KEY,
  name text NOT NULL,
  "user" text,
  at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  status text NOT NULL,
  result json
);`

/** How an outcome stands in the column `result`: `code` beside what was returned or said. */
interface StoredResult {
  readonly code?: string
  readonly value?: JsonValue
}

/** The table in which a database remembers what became of each command (FORMATS 9). */
export class CommandLedger {
  /** Makes the table unless it is there and may be used; `source/not-ready` with the SQL otherwise. */
  async prepare(client: ClientBase): Promise<void> {
    if (await this.#usable(client)) return
    try {
      await client.query(CREATE)
    } catch (cause) {
      // Somebody else may have made it in the meantime.
      if (await this.#usable(client)) return
      throw notReady(cause)
    }
    if (!(await this.#usable(client))) throw notReady(null)
  }

  /** The stored outcome; null if the command is not known. */
  async find(client: ClientBase, id: string): Promise<CommandOutcome | null> {
    const { rows } = await client.query<{ status: string; result: string | null }>(
      `SELECT status, result::text AS result FROM ${TABLE} WHERE id = $1`,
      [id],
    )
    const [row] = rows
    if (row === undefined) return null
    const { code, value } = row.result === null ? {} : (JSON.parse(row.result) as StoredResult)
    return {
      status: row.status as CommandOutcome['status'],
      ...(code === undefined ? {} : { code }),
      ...(value === undefined ? {} : { result: value }),
    }
  }

  /** Writes the command's row in the running transaction. False: it is there already; waits for a transaction that is about to write it. */
  async insert(client: ClientBase, command: Command, outcome: CommandOutcome): Promise<boolean> {
    const sql = `INSERT INTO ${TABLE} (id, name, "user", status, result) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`
    const { rowCount } = await client.query(sql, [
      command.id,
      command.name,
      // For people, who may have a name for which this database has no place.
      command.user === null ? null : asciiName(command.user),
      outcome.status,
      resultText(outcome),
    ])
    return rowCount === 1
  }

  async setResult(client: ClientBase, id: string, result: JsonValue): Promise<void> {
    await client.query(`UPDATE ${TABLE} SET result = $2 WHERE id = $1`, [id, resultText({ result })])
  }

  /** Stores an outcome in a transaction of its own and answers it, or the one that was faster. */
  async record(client: ClientBase, command: Command, outcome: CommandOutcome): Promise<CommandOutcome> {
    if (await this.insert(client, command, outcome)) return outcome
    return (await this.find(client, command.id)) ?? outcome
  }

  /** Deletes at most `limit` rows of commands that were made and finished before this time; says how many. Rows that somebody holds are left for the next time. */
  async prune(client: ClientBase, beforeMs: number, limit: number): Promise<number> {
    const sql = `DELETE FROM ${TABLE} WHERE id IN
      (SELECT id FROM ${TABLE} WHERE id < $1 AND at < $2::timestamptz ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)`
    const { rowCount } = await client.query(sql, [firstUlidOf(beforeMs), isoFromMs(beforeMs), limit])
    return rowCount ?? 0
  }

  async #usable(client: ClientBase): Promise<boolean> {
    const sql = `SELECT CASE WHEN to_regclass('${TABLE}') IS NULL THEN false
      ELSE has_schema_privilege('sheetflow', 'USAGE') AND has_table_privilege('${TABLE}', 'SELECT') AND has_table_privilege('${TABLE}', 'INSERT')
        AND has_table_privilege('${TABLE}', 'UPDATE') END AS usable`
    const { rows } = await client.query<{ usable: boolean }>(sql)
    return rows[0]?.usable === true
  }
}

function resultText({ code, result }: Partial<CommandOutcome>): string | null {
  if (code === undefined && result === undefined) return null
  const stored: StoredResult = { ...(code === undefined ? {} : { code }), ...(result === undefined ? {} : { value: result }) }
  return asciiJson(JSON.stringify(stored))
}

function notReady(cause: unknown): SheetflowError {
  return new SheetflowError('source/not-ready', `${TABLE} is not there or may not be used: commands cannot be remembered`, {
    fix: `Run as an owner of the database:\n${CREATE}\nGRANT USAGE ON SCHEMA sheetflow TO <user>; GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLE} TO <user>;`,
    cause,
  })
}
