/** What makes text forms definite. Everything else (`search_path`, `synchronous_commit`, limits of statements) is the business's own. */
const FORMS: Readonly<Record<string, string>> = {
  datestyle: 'ISO, YMD',
  timezone: 'UTC',
  intervalstyle: 'iso_8601',
  extra_float_digits: '3',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
}

/**
 * How soon the server notices that we are gone, so that the locks of a command whose process or network died do not stay: by default it may take it two hours.
 * Where the business has said less, that stays.
 */
const MOST: Readonly<Record<string, number>> = {
  tcp_keepalives_idle: 15,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 30_000,
  client_connection_check_interval: 5_000,
}

const SET_FORMS = Object.entries(FORMS).map(([name, value]) => `SET ${name} TO '${value}'`)

// The last of them can be set on Linux alone.
const SET_MOST = `SELECT pg_catalog.set_config(name, most, false)
  FROM pg_catalog.pg_settings JOIN (VALUES ${Object.entries(MOST)
    .map(([name, most]) => `('${name}', '${most}')`)
    .join(', ')}) AS mosts(name, most) USING (name)
  WHERE (setting::bigint = 0 OR setting::bigint > most::bigint) AND (name <> 'client_connection_check_interval' OR pg_catalog.version() ~ 'linux')`

/** What a connection for commands begins with. The forms stand also where the server does not let us set the rest. */
export const BEGIN_SESSION: string = `BEGIN; ${SET_FORMS.join('; ')}; COMMIT; ${SET_MOST}`

/** Begins a transaction in which the server waits for us no longer than so many milliseconds, unless the business has a limit of its own. */
export function beginWithin(idleMs: number): string {
  const name = "'idle_in_transaction_session_timeout'"
  return `BEGIN; SELECT pg_catalog.set_config(${name}, '${Math.min(idleMs, 2 ** 31 - 1)}', true) WHERE pg_catalog.current_setting(${name}) = '0'`
}
