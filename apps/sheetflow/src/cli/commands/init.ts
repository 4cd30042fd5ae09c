import { existsSync } from 'node:fs'
import path from 'node:path'
import * as prompts from '@clack/prompts'
import { SheetflowError } from '@sheetflow/core/errors'
import type { DiscoveredTable } from '@sheetflow/core/ports/source'
import { checkConfig, type LoadedConfig } from '../../config/load.ts'
import { printableUrl } from '../../config/secret.ts'
import { sourceDriver } from '../../registry.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeProject } from '../init/write-project.ts'
import { text, type OptionValues } from '../options.ts'
import { red, type Output } from '../output.ts'
import { printCheck } from './doctor.ts'

const DEFAULT_URL = 'postgres://postgres@127.0.0.1:5432/postgres'

/** `sheetflow init`: looks at a database, says what stands in the way, and writes a configuration and a first workbook. */
export const init: CliCommand = {
  name: 'init',
  summary: 'look at your Postgres and write a configuration and a first workbook',
  usage: 'init [--postgres URL] [--name NAME] [--tables a,b] [--yes]',
  options: {
    postgres: { type: 'string', value: 'URL', help: 'connection URL of the database' },
    name: { type: 'string', value: 'NAME', help: 'what to call it in formulas (default: the database name)' },
    tables: { type: 'string', value: 'LIST', help: 'tables to capture, separated by commas (default: all that can be)' },
    yes: { type: 'boolean', short: 'y', help: 'ask nothing' },
    force: { type: 'boolean', help: 'write over an existing configuration' },
  },
  async run({ options }, output) {
    const folder = process.cwd()
    if (existsSync(path.join(folder, 'sheetflow.config.ts')) && options['force'] !== true) throw alreadyThere()
    const asks = options['yes'] !== true && process.stdin.isTTY
    const url = text(options, 'postgres') ?? (asks ? await askUrl() : undefined)
    if (url === undefined)
      throw new SheetflowError('app/usage', 'there is no database to look at', { fix: 'sheetflow init --postgres URL --yes' })
    const database = databaseOf(url)
    const source = sourceName(text(options, 'name') ?? database)
    const { tables: found, failed } = await look(url, source, folder, output)
    const tables = await pickTables(found, options, asks)
    const written = writeProject({ folder, source, url, tables })
    output.event('written', { files: written, failed }, ['', ...written.map((file) => `wrote ${file}`)].join('\n'))
    output.note(failed === 0 ? READY : `\n${red(`${failed} to mend before it can run`)}: run the SQL above, then 'npx sheetflow doctor'`)
    return failed === 0 ? EXIT.ok : EXIT.findings
  },
}

const READY = "\nnext: npx sheetflow dev   ('npx sheetflow doctor' repeats the checks)"

/** What a look at the database found. */
interface Look {
  /** Tables that can be captured. */
  readonly tables: readonly DiscoveredTable[]
  /** How many checks failed. */
  readonly failed: number
}

async function look(url: string, source: string, folder: string, output: Output): Promise<Look> {
  const config = checkConfig({ sources: { [source]: { type: 'postgres', url, tables: ['*.*'] } } }, 'init')
  const loaded: LoadedConfig = { config, origins: new Map(), root: folder, file: null }
  await using opened = await (await sourceDriver(loaded, source)).open()
  const { server, tables, checks } = await opened.discover()
  output.note(server)
  for (const check of checks) printCheck(output, source, check)
  return {
    tables: tables.filter((table) => table.refused === undefined),
    failed: checks.filter((check) => check.status === 'fail').length,
  }
}

async function pickTables(found: readonly DiscoveredTable[], options: OptionValues, asks: boolean): Promise<readonly DiscoveredTable[]> {
  const named = text(options, 'tables')
    ?.split(',')
    .map((table) => (table.includes('.') ? table.trim() : `public.${table.trim()}`))
  if (named !== undefined) return named.map((table) => found.find((t) => t.schema.table === table) ?? unknownTable(table, found))
  if (found.length === 0) throw noTables()
  if (!asks) return found
  const inPublic = found.filter((table) => table.schema.table.startsWith('public.'))
  const picked = await prompts.multiselect({
    message: 'Which tables?',
    options: found.map((table) => ({ value: table, label: table.schema.table, hint: `about ${table.rows} rows` })),
    initialValues: inPublic.length > 0 ? inPublic : [...found],
  })
  return prompts.isCancel(picked) ? cancelled() : picked
}

async function askUrl(): Promise<string> {
  const url = await prompts.text({
    message: 'Where is your Postgres?',
    placeholder: DEFAULT_URL,
    defaultValue: DEFAULT_URL,
    validate: (text) => (text === undefined || text === '' || isPostgresUrl(text) ? undefined : `an address like ${DEFAULT_URL}`),
  })
  return prompts.isCancel(url) ? cancelled() : url
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}

/** The database that a URL names; `app/usage` if it is no Postgres URL. */
function databaseOf(url: string): string {
  if (isPostgresUrl(url)) return decodeURIComponent(new URL(url).pathname.slice(1))
  throw new SheetflowError('app/usage', `'${printableUrl(url)}' is no Postgres URL`, { fix: `For example ${DEFAULT_URL}` })
}

/** A name of ours made from the database's. */
function sourceName(database: string): string {
  const name = database.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
  return /^[a-z]/.test(name) ? name : `db${name === '' ? '' : `_${name}`}`
}

function unknownTable(table: string, found: readonly DiscoveredTable[]): never {
  throw new SheetflowError('source/unknown-table', `there is no table ${table} that can be captured`, {
    fix: `Tables are: ${found.map((t) => t.schema.table).join(', ')}.`,
  })
}

function noTables(): SheetflowError {
  return new SheetflowError('source/not-ready', 'there is no table that can be captured', { fix: 'Mend what the lines above name.' })
}

function alreadyThere(): SheetflowError {
  return new SheetflowError('app/usage', 'there is a sheetflow.config.ts already', { fix: 'Go on with it, or write over it with --force.' })
}

/** Whoever ends a question by Ctrl-C is done. */
function cancelled(): never {
  prompts.cancel('stopped: nothing was written')
  process.exit(EXIT.interrupted)
}
