import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { CatalogueTable } from './catalogue/catalogue.ts'
import type { CatalogueQuery } from './catalogue/pg-type.ts'
import { addTablesSql, createPublicationSql, readPublication, settingsSql, widenSql } from './publication/publication.ts'
import type { PostgresSettings } from './settings.ts'
import { publicationOf, slotOf } from './settings.ts'
import { readSlot } from './log/slot.ts'
import { quoteName } from './session/sql-text.ts'
import { chooseKey } from './catalogue/table-key.ts'

/** What the server says of itself. Numbers as text are Postgres' own. */
interface ServerFacts {
  readonly version: number
  readonly standby: boolean
  readonly wal_level: string
  readonly replication: boolean
  readonly superuser: boolean
  readonly role: string
  readonly database: string
  readonly may_create: boolean
  readonly encoding: string
  readonly slots_max: number
  readonly slots_used: number
  readonly senders_max: number
  readonly senders_used: number
  readonly keep_mb: number
  readonly sender_timeout_ms: number
  readonly idle_slot_timeout: string | null
}

const FACTS_SQL = `
  select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby, current_setting('wal_level') as wal_level,
         r.rolreplication as replication, r.rolsuper as superuser, r.rolname::text as role, current_database()::text as database,
         has_database_privilege(current_database(), 'CREATE') as may_create, current_setting('server_encoding') as encoding,
         current_setting('max_replication_slots')::int as slots_max, (select count(*)::int from pg_replication_slots) as slots_used,
         current_setting('max_wal_senders')::int as senders_max, (select count(*)::int from pg_stat_replication) as senders_used,
         (select setting::int from pg_settings where name = 'max_slot_wal_keep_size') as keep_mb,
         (select setting::int from pg_settings where name = 'wal_sender_timeout') as sender_timeout_ms,
         (select setting from pg_settings where name = 'idle_replication_slot_timeout') as idle_slot_timeout
    from pg_roles r where r.rolname = current_user`

const OLDEST = 14
const NEWEST = 18
const SMALL_KEEP_MB = 1_024
const SHORT_SENDER_TIMEOUT_MS = 5_000

/** All checks of `doctor` and `init`, in the order in which they should be mended. They change nothing. */
export async function runChecks(
  query: CatalogueQuery,
  settings: PostgresSettings,
  tables: readonly CatalogueTable[],
): Promise<readonly SetupCheck[]> {
  const [facts] = await query<ServerFacts>(FACTS_SQL, [])
  if (facts === undefined)
    return [{ name: 'role', status: 'fail', message: 'The current role is not in pg_roles', fix: 'Log in with a role of this server.' }]
  const slot = await slotCheck(query, settings, facts)
  return [
    versionCheck(facts),
    primaryCheck(facts),
    walLevelCheck(facts),
    privilegeCheck(facts),
    slot,
    ...roomChecks(facts),
    keepCheck(facts),
    timeoutCheck(facts),
    encodingCheck(facts),
    await publicationCheck(query, settings, facts, tables),
    ...tableChecks(settings, tables),
  ]
}

function versionCheck({ version }: ServerFacts): SetupCheck {
  const major = Math.floor(version / 10_000)
  if (major < OLDEST)
    return fail('version', `Postgres ${String(major)} is too old`, `Upgrade the server to Postgres ${String(OLDEST)} or newer.`)
  if (major > NEWEST)
    return {
      name: 'version',
      status: 'warn',
      message: `Postgres ${String(major)} is newer than those that were tested (${String(OLDEST)} to ${String(NEWEST)})`,
    }
  return ok('version', `Postgres ${String(major)}`)
}

function primaryCheck({ standby }: ServerFacts): SetupCheck {
  return standby
    ? fail('primary', 'This is a standby: it does not know which transactions are running', 'Point the URL at the primary.')
    : ok('primary', 'This is a primary')
}

function walLevelCheck({ wal_level }: ServerFacts): SetupCheck {
  return wal_level === 'logical'
    ? ok('wal_level', 'wal_level is logical')
    : fail(
        'wal_level',
        `wal_level is ${wal_level}: the log does not hold rows`,
        `ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server`,
      )
}

function privilegeCheck({ replication, superuser, role }: ServerFacts): SetupCheck {
  return replication || superuser
    ? ok('replication', `${role} may read the change log`)
    : fail('replication', `${role} may not read the change log`, `ALTER ROLE ${quoteName(role)} REPLICATION;`)
}

async function slotCheck(query: CatalogueQuery, settings: PostgresSettings, facts: ServerFacts): Promise<SetupCheck> {
  const name = slotOf(settings)
  const slot = await readSlot(query, name)
  if (slot === null) {
    return facts.slots_used < facts.slots_max
      ? ok('slot', `The slot ${name} will be made (${String(facts.slots_used)} of ${String(facts.slots_max)} are used)`)
      : fail(
          'slot',
          `All ${String(facts.slots_max)} replication slots are used`,
          `ALTER SYSTEM SET max_replication_slots = ${String(facts.slots_max + 5)}; -- then restart, or drop unused ones`,
        )
  }
  if (!slot.sameDatabase)
    return fail(
      'slot',
      `The slot ${name} belongs to the database ${slot.database} of the same server`,
      '-- give this source a slot of its own: slot: other_name',
    )
  if (slot.walStatus === 'lost') {
    return {
      name: 'slot',
      status: 'warn',
      message: `The slot ${name} has lost its log: a new epoch and a snapshot follow at the next start`,
    }
  }
  const kept = `${String(Math.round(slot.retainedBytes / 2 ** 20))} MB of log are kept for it`
  const safe = slot.safeBytes === null ? '' : `, ${String(Math.round(slot.safeBytes / 2 ** 20))} MB may still come`
  return ok(
    'slot',
    `The slot ${name} is there${slot.activePid === null ? '' : `, used by process ${String(slot.activePid)}`}; ${kept}${safe}`,
  )
}

function roomChecks({ senders_used, senders_max }: ServerFacts): readonly SetupCheck[] {
  return senders_used < senders_max
    ? [ok('max_wal_senders', `${String(senders_used)} of ${String(senders_max)} WAL senders are used`)]
    : [
        fail(
          'max_wal_senders',
          `All ${String(senders_max)} WAL senders are used`,
          `ALTER SYSTEM SET max_wal_senders = ${String(senders_max + 5)}; -- then restart the server`,
        ),
      ]
}

function keepCheck({ keep_mb, idle_slot_timeout }: ServerFacts): SetupCheck {
  const name = 'max_slot_wal_keep_size'
  if (idle_slot_timeout !== null && idle_slot_timeout !== '0') {
    return warn(
      'idle_replication_slot_timeout',
      'A slot that is not read for that long is lost',
      'ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();',
    )
  }
  if (keep_mb < 0) {
    return warn(
      name,
      'The log is kept without limit while Sheetflow is down: it can fill the disk',
      `ALTER SYSTEM SET ${name} = '50GB'; SELECT pg_reload_conf(); -- what the disk can spare`,
    )
  }
  if (keep_mb < SMALL_KEEP_MB) {
    return warn(
      name,
      `Only ${String(keep_mb)} MB of log are kept: one larger transaction loses the slot, even while it is read`,
      `ALTER SYSTEM SET ${name} = '10GB'; SELECT pg_reload_conf(); -- more than the largest transaction writes`,
    )
  }
  return ok(name, `${String(keep_mb)} MB of log are kept at most`)
}

function timeoutCheck({ sender_timeout_ms }: ServerFacts): SetupCheck {
  return sender_timeout_ms !== 0 && sender_timeout_ms < SHORT_SENDER_TIMEOUT_MS
    ? warn(
        'wal_sender_timeout',
        `wal_sender_timeout is ${String(sender_timeout_ms / 1000)} s: a short pause ends the connection`,
        `ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();`,
      )
    : ok('wal_sender_timeout', `wal_sender_timeout is ${String(sender_timeout_ms / 1000)} s`)
}

function encodingCheck({ encoding }: ServerFacts): SetupCheck {
  return encoding === 'SQL_ASCII'
    ? warn(
        'encoding',
        'The database is SQL_ASCII: bytes that are no UTF-8 become U+FFFD',
        'Dump it and restore it into a database with ENCODING UTF8.',
      )
    : ok('encoding', `The encoding is ${encoding}`)
}

async function publicationCheck(
  query: CatalogueQuery,
  settings: PostgresSettings,
  facts: ServerFacts,
  tables: readonly CatalogueTable[],
): Promise<SetupCheck> {
  const name = publicationOf(settings)
  const able = tables.filter((table) => 'key' in chooseKey(table, settings.keys?.[table.name]))
  const state = await readPublication(query, name)
  const names = able.map((table) => table.name)
  const narrowed = state?.narrowed.find((table) => names.includes(table))
  if (narrowed !== undefined)
    return fail('publication', `The publication ${name} leaves rows or columns of ${narrowed} out`, `${widenSql(name, narrowed)};`)
  const missing = names.filter((table) => state?.tables.has(table) !== true)
  if (state !== null && missing.length === 0) {
    const sql = settingsSql(name, state)
    if (sql === null) return ok('publication', `The publication ${name} holds all ${String(able.length)} tables`)
    const what = state.viaRoot && state.allOperations ? 'publishes generated columns' : 'leaves something out'
    return fail('publication', `The publication ${name} ${what}`, `${sql};`)
  }
  const foreign = able.filter((table) => missing.includes(table.name) && !table.owned)
  const sql = state === null ? createPublicationSql(name, names) : addTablesSql(name, missing)
  if (foreign.length > 0)
    return fail('publication', `${facts.role} does not own ${foreign.map((table) => table.name).join(', ')}`, `Run as their owner: ${sql};`)
  if (state === null && !facts.may_create)
    return fail(
      'publication',
      `${facts.role} may not make a publication`,
      `GRANT CREATE ON DATABASE ${quoteName(facts.database)} TO ${quoteName(facts.role)};`,
    )
  return ok('publication', `The publication ${name} will be ${state === null ? 'made' : `extended by ${missing.join(', ')}`}`)
}

function tableChecks(settings: PostgresSettings, tables: readonly CatalogueTable[]): readonly SetupCheck[] {
  return tables.flatMap((table) => {
    const choice = chooseKey(table, settings.keys?.[table.name])
    if ('key' in choice) return []
    const named = settings.tables.includes(table.name)
    const message = `${table.name} cannot be captured: ${choice.why}`
    return [named ? fail('table', message, choice.fix) : warn('table', message, choice.fix)]
  })
}

function ok(name: string, message: string): SetupCheck {
  return { name, status: 'ok', message }
}

function warn(name: string, message: string, fix: string): SetupCheck {
  return { name, status: 'warn', message, fix }
}

function fail(name: string, message: string, fix: string): SetupCheck {
  return { name, status: 'fail', message, fix }
}
