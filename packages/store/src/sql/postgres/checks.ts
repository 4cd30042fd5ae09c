import { isSheetflowError } from '@sheetflow/core/errors'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import { OLDEST_MAJOR } from './catalogue.ts'
import type { PostgresStoreOptions } from './connection.ts'
import { DEFAULT_CONNECTIONS, ReadPool } from './read-pool.ts'
import { schemaName } from './sql-name.ts'

const NEWEST_MAJOR = 18

/** What the server says of itself and of our role. */
interface Facts {
  readonly version: number
  readonly encoding: string
  readonly standby: boolean
  readonly role: string
  readonly superuser: boolean
  readonly database: string
  readonly may_create_schema: boolean
  readonly schema_exists: boolean
  readonly schema_owner: string | null
  readonly may_create: boolean
  readonly foreign_tables: number
  readonly connections_max: number
  readonly connections_used: number
  readonly fsync: string
}

const FACTS_SQL = `
  SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
         r.rolname::text AS role, r.rolsuper AS superuser, current_database()::text AS database,
         has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
         n.oid IS NOT NULL AS schema_exists, pg_get_userbyid(n.nspowner)::text AS schema_owner,
         n.oid IS NOT NULL AND has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE') AS may_create,
         (SELECT count(*)::int FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND NOT pg_has_role(c.relowner, 'USAGE')) AS foreign_tables,
         current_setting('max_connections')::int AS connections_max, (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections_used,
         current_setting('fsync') AS fsync
    FROM pg_roles r LEFT JOIN pg_namespace n ON n.oid = to_regnamespace($1) WHERE r.rolname = current_user`

/** The checks of `doctor`, in the order in which they should be mended, each with the SQL to run. They change nothing. */
export async function checkPostgresViews(options: PostgresStoreOptions): Promise<readonly SetupCheck[]> {
  await using pool = new ReadPool({ ...options, connections: 1 })
  try {
    const [facts] = await pool.ask<Facts>('be reached', FACTS_SQL, [schemaName(options.schema)])
    if (facts === undefined) return [fail('role', 'The current role is not in pg_roles', 'Log in with a role of this server.')]
    return [
      versionCheck(facts),
      primaryCheck(facts),
      encodingCheck(facts),
      schemaCheck(facts, options.schema),
      roleCheck(facts, options.schema),
      connectionsCheck(facts, options.connections ?? DEFAULT_CONNECTIONS),
      fsyncCheck(facts),
    ]
  } catch (error) {
    if (!isSheetflowError(error)) throw error
    return [fail('reach', error.message, error.fix ?? '')]
  }
}

function versionCheck({ version }: Facts): SetupCheck {
  const major = Math.floor(version / 10_000)
  if (major < OLDEST_MAJOR)
    return fail('version', `Postgres ${major} is too old`, `Upgrade the server to Postgres ${OLDEST_MAJOR} or newer.`)
  if (major <= NEWEST_MAJOR) return ok('version', `Postgres ${major}`)
  return {
    name: 'version',
    status: 'warn',
    message: `Postgres ${major} is newer than those that were tested (${OLDEST_MAJOR} to ${NEWEST_MAJOR})`,
  }
}

function primaryCheck({ standby }: Facts): SetupCheck {
  if (!standby) return ok('primary', 'This is a primary')
  return fail('primary', 'This is a standby, which cannot be written', 'Point the URL at the primary.')
}

function encodingCheck({ encoding }: Facts): SetupCheck {
  if (encoding === 'UTF8') return ok('encoding', 'The encoding is UTF8')
  return fail('encoding', `The database is encoded in ${encoding}`, "CREATE DATABASE views ENCODING 'UTF8' TEMPLATE template0;")
}

function schemaCheck(facts: Facts, schema: string): SetupCheck {
  const { role, database, schema_exists, may_create_schema, may_create, schema_owner, foreign_tables } = facts
  const s = schemaName(schema)
  if (!schema_exists) {
    if (may_create_schema) return ok('schema', `The schema ${schema} will be made`)
    return fail(
      'schema',
      `${role} may not make the schema ${schema}`,
      `CREATE SCHEMA ${s} AUTHORIZATION ${quoted(role)}; -- in the database ${quoted(database)}`,
    )
  }
  if (!may_create) {
    return fail(
      'schema',
      `The schema ${schema} is not ${role}'s (its owner is ${schema_owner ?? 'nobody'})`,
      `ALTER SCHEMA ${s} OWNER TO ${quoted(role)}; -- or name another with \`schema\``,
    )
  }
  if (foreign_tables > 0) {
    return fail(
      'schema',
      `${foreign_tables} tables in the schema ${schema} are not ${role}'s`,
      `REASSIGN OWNED BY ${quoted(schema_owner ?? role)} TO ${quoted(role)}; -- or name another schema with \`schema\``,
    )
  }
  return ok('schema', `The schema ${schema} is ${role}'s`)
}

/** A role that may do nothing but its work. */
function roleCheck({ role, superuser }: Facts, schema: string): SetupCheck {
  if (!superuser) return ok('role', `${role} is no superuser`)
  return {
    name: 'role',
    status: 'warn',
    message: `${role} is a superuser; the store needs nothing but its own schema`,
    fix: `CREATE ROLE sheetflow_store LOGIN PASSWORD '…';\nCREATE SCHEMA IF NOT EXISTS ${schemaName(schema)} AUTHORIZATION sheetflow_store;`,
  }
}

function connectionsCheck({ connections_max, connections_used }: Facts, wanted: number): SetupCheck {
  const message = `${connections_used} of ${connections_max} connections are used; a process with the role serve takes up to ${wanted}`
  // Our own is among those that are used.
  if (connections_used + wanted <= connections_max) return ok('connections', message)
  return {
    name: 'connections',
    status: 'warn',
    message,
    fix: `ALTER SYSTEM SET max_connections = ${connections_max + 2 * wanted}; -- then restart, or lower \`connections\` of the store`,
  }
}

function fsyncCheck({ fsync }: Facts): SetupCheck {
  if (fsync === 'on') return ok('fsync', 'The server writes to its disk before it says so')
  return {
    name: 'fsync',
    status: 'warn',
    message: 'fsync is off: a power cut may damage the database',
    fix: 'ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();',
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function ok(name: string, message: string): SetupCheck {
  return { name, status: 'ok', message }
}

function fail(name: string, message: string, fix: string): SetupCheck {
  return { name, status: 'fail', message, fix }
}
