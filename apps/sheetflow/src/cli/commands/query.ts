import { SheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import type { JsonValue } from '@sheetflow/core/value'
import type { FoundCommit } from '@sheetflow/engine/ledger/find-commit'
import type { Config } from '../../config/config.ts'
import { AT_OPTION, momentOf, type Moment } from '../../ledger/moment.ts'
import { findSheet, openLedger } from '../../ledger/open-ledger.ts'
import { queryAt, sheetAt } from '../../ledger/query-past.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { text, type OptionValues } from '../options.ts'
import { fetchServer, SERVER_OPTIONS, serverUrl } from '../server.ts'

/** A word that is a sheet's name and no GraphQL document. */
const SHEET_NAME = /^[\w.]+$/

/**
 * `sheetflow query`: one GraphQL query against a running server; prints the answer as JSON. Of the past, and of a sheet that is named alone, the data
 * folder answers; no server is asked.
 */
export const query: CliCommand = {
  name: 'query',
  summary: 'ask a running Sheetflow one GraphQL query; with --at how it was, with a sheet alone all its rows',
  usage: "query '{ customers(limit: 5) { id name } }' | SHEET [--at POSITION|TIME] [--token T | --claims JSON] [--variables JSON]",
  takes: 1,
  options: {
    ...SERVER_OPTIONS,
    token: { type: 'string', value: 'T', help: 'token of the reader (default: $SHEETFLOW_TOKEN, else that of a sheetflow dev here)' },
    variables: { type: 'string', value: 'JSON', help: 'variables of the query' },
    claims: { type: 'string', value: 'JSON', help: 'with --at: who reads (default: serve.identity.dev of the configuration)' },
    ...AT_OPTION,
  },
  async run({ options, positionals }) {
    const [document] = positionals
    if (document === undefined) throw new SheetflowError('app/usage', 'there is no query', { fix: "sheetflow query '{ … }'" })
    if (SHEET_NAME.test(document)) return await querySheet(document, options)
    const moment = momentOf(options)
    if (moment !== null) return await queryPast(document, moment, options)
    const server = await serverUrl(options)
    const token = text(options, 'token') ?? process.env['SHEETFLOW_TOKEN'] ?? (await devTokenOf(server))
    const response = await fetchServer(`${server}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables: variablesOf(text(options, 'variables')) }),
    })
    const answer = (await response.json()) as { errors?: unknown[] }
    printJson(answer, options)
    return answer.errors === undefined ? EXIT.ok : EXIT.findings
  },
}

/** All rows of a sheet, by column name. Whoever may read the data folder may read all of it: rules are not asked. */
async function querySheet(name: string, options: OptionValues): Promise<number> {
  await using ledger = await openLedger(await loadByLine(options))
  const sheet = await findSheet(ledger, name)
  const { at, columns, rows } = await sheetAt(ledger, sheet, momentOf(options))
  const named = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])))
  printJson({ sheet: sheet.view, ...placeOf(at), rows: named }, options)
  return EXIT.ok
}

async function queryPast(query: string, moment: Moment, options: OptionValues): Promise<number> {
  const loaded = await loadByLine(options)
  await using ledger = await openLedger(loaded)
  const variables = variablesOf(text(options, 'variables'))
  const { at, answer } = await queryAt(ledger, { query, variables, moment, claims: claimsOf(loaded.config, text(options, 'claims')) })
  const places = Object.fromEntries(Object.entries(at).map(([graph, commit]) => [graph, placeOf(commit)]))
  printJson({ ...answer, extensions: { at: places } }, options)
  return answer['errors'] === undefined ? EXIT.ok : EXIT.findings
}

function placeOf({ position: { epoch, offset }, commit: { at } }: FoundCommit): Readonly<Record<string, unknown>> {
  return { position: { epoch, offset }, at }
}

/** Who reads the past: nobody checks it, the data folder is open to whoever asks. */
function claimsOf({ serve: { identity } }: Config, json: string | undefined): Claims {
  if (json === undefined) {
    const { sub = 'dev', role = 'developer', ...more } = identity.dev
    return { user: String(sub), role: String(role), expires: null, all: { id: String(sub), ...more, sub, role } }
  }
  const all = jsonObject(json, '--claims', `For example --claims '{"role": "clerk", "tenant": 1}'.`)
  const [user, role] = [all[identity.user] ?? all['sub'], all[identity.role]]
  return {
    user: typeof user === 'string' || typeof user === 'number' ? String(user) : null,
    role: typeof role === 'string' ? role : null,
    expires: null,
    all,
  }
}

function printJson(value: unknown, options: OptionValues): void {
  process.stdout.write(`${JSON.stringify(value, null, options['json'] === true ? 0 : 2)}\n`)
}

/** The token that a `sheetflow dev` on this machine gives to its page; nothing elsewhere. */
async function devTokenOf(server: string): Promise<string | undefined> {
  const response = await fetchServer(`${server}/_sheetflow/dev/token`)
  if (!response.ok) return undefined
  const { token } = (await response.json()) as { readonly token?: string | null }
  return token ?? undefined
}

function variablesOf(json: string | undefined): unknown {
  return json === undefined ? {} : jsonObject(json, '--variables', `For example --variables '{"id": "7"}'.`)
}

function jsonObject(json: string, option: string, fix: string): Readonly<Record<string, JsonValue>> {
  try {
    const value = JSON.parse(json) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, JsonValue>>
  } catch (error) {
    throw new SheetflowError('app/usage', `${option} is not JSON`, { fix, cause: error })
  }
  throw new SheetflowError('app/usage', `${option} is no JSON object`, { fix })
}
