import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { SheetflowError } from '@sheetflow/core/errors'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { RUN_OPTIONS, runByLine, seconds, type Surroundings } from 'sheetflow/cli/commands/run-instance'
import { exitCodeOf } from 'sheetflow/cli/exit-code'
import { optionLines } from 'sheetflow/cli/help'
import { COMMON_OPTIONS, parseLine, refuseArguments, text, wholeNumber, type OptionSpec, type OptionValues } from 'sheetflow/cli/options'
import { Output, outliveReaders } from 'sheetflow/cli/output'
import { assertPortFree } from 'sheetflow/runtime/port'
import { createShop } from './database/create.ts'
import { keepMoving } from './database/writer.ts'

/** `npm start`: a real Postgres, the demo shop in it, a writer that keeps it moving, and `sheetflow dev` over them. */

const HERE = fileURLToPath(new URL('.', import.meta.url))
const PORT_FILE = 'postgres.port'
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...RUN_OPTIONS,
  rate: { type: 'string', value: 'N', help: 'transactions a second that the demo writes (default 4, 0 = none)' },
}

const args = process.argv.slice(2)
outliveReaders()
const output = new Output({ json: args.includes('--json'), verbose: args.includes('--verbose') || args.includes('-v') })
try {
  process.exitCode = await main()
} catch (error) {
  output.error(error)
  process.exitCode = exitCodeOf(error)
}

async function main(): Promise<number> {
  const { options, positionals } = parseLine(args, OPTIONS)
  if (options['help'] === true) return help()
  refuseArguments(positionals, 0, 'npm start -- [options]')
  const rate = wholeNumber(options, 'rate') ?? 4
  const data = path.resolve(text(options, 'data') ?? path.join(HERE, '../../.sheetflow'))
  return await runByLine({ options: withPlaces(options, data), positionals }, output, {
    dev: true,
    title: 'Sheetflow: the demo shop is live',
    extra: [['Edit', `${path.relative(process.cwd(), path.join(HERE, 'workbooks/sales'))}/*.sheet.yaml: the page follows`]],
    surround: (signal) => startShop(data, rate, signal),
  })
}

/** The database and the people who work in the shop. */
async function startShop(data: string, rate: number, signal: AbortSignal): Promise<Surroundings> {
  const postgres = await startPostgres(data)
  const closing = new AbortController()
  try {
    await createIn(postgres.url)
  } catch (error) {
    await postgres.stop()
    throw error
  }
  // The configuration reads it, late, as it would any other database's address.
  process.env['SHOP_URL'] = postgres.url
  const moving = keepMoving(postgres.url, rate, AbortSignal.any([signal, closing.signal]), (message) => output.note(message))
  return {
    lines: [['Database', `psql '${postgres.url}'`]],
    fields: { database: postgres.url },
    failed: postgres.ended.then((words) => {
      closing.abort()
      throw diedMeanwhile(data, words)
    }),
    [Symbol.asyncDispose]: async () => {
      closing.abort()
      await moving
      await postgres.stop()
    },
  }
}

async function startPostgres(data: string): Promise<EmbeddedPostgres> {
  mkdirSync(data, { recursive: true })
  const began = performance.now()
  // Whoever holds the data folder's lock may take the place of a server that a killed start has left behind.
  const port = await portOfBefore(data)
  const postgres = await startEmbeddedPostgres({
    dataDir: path.join(data, 'postgres'),
    replacesLeftOver: true,
    ...(port === undefined ? {} : { port }),
  })
  writeFileSync(path.join(data, PORT_FILE), `${postgres.port}\n`)
  output.note(`Postgres ${postgres.version} runs after ${seconds(performance.now() - began)}`)
  return postgres
}

/** Where the database was listening last time, if nobody has taken the port: an address that somebody wrote down stays right. */
async function portOfBefore(data: string): Promise<number | undefined> {
  try {
    const port = Number(readFileSync(path.join(data, PORT_FILE), 'utf8'))
    if (!Number.isInteger(port) || port <= 0) return undefined
    await assertPortFree(port, '127.0.0.1')
    return port
  } catch {
    return undefined
  }
}

async function createIn(url: string): Promise<void> {
  const began = performance.now()
  const db = new Client({ connectionString: url })
  await db.connect()
  try {
    if (await createShop(db)) output.note(`created the demo shop in ${seconds(performance.now() - began)}`)
  } finally {
    await db.end()
  }
}

function diedMeanwhile(data: string, words: string): SheetflowError {
  // Without the time and process that Postgres puts before each line.
  const last = (words.trim().split('\n').at(-1) ?? '').replace(/^\S+ \S+ \S+ \[\d+\] /, '')
  return new SheetflowError('source/unreachable', `the demo's Postgres has ended${last === '' ? '' : `: ${last}`}`, {
    fix: `Start again: everything goes on where it was. What Postgres said stands in ${path.join(data, 'postgres.log')}.`,
  })
}

function withPlaces(options: OptionValues, data: string): OptionValues {
  return { ...options, data, config: path.join(HERE, 'sheetflow.config.ts') }
}

function help(): number {
  const { config: _, ...common } = COMMON_OPTIONS
  const lines = optionLines({ ...OPTIONS, ...common, data: { type: 'string', value: 'DIR', help: 'data folder (default .sheetflow)' } })
  process.stdout.write(`npm start -- [options]: the demo shop\n\n${lines.join('\n')}\n`)
  return 0
}
