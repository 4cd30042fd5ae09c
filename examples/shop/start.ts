import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { parseLine, text, wholeNumber, type OptionSpec, type OptionValues } from 'sheetflow/cli/options'
import { RUN_OPTIONS, runByLine } from 'sheetflow/cli/commands/run-instance'
import { exitCodeOf } from 'sheetflow/cli/exit-code'
import { Output } from 'sheetflow/cli/output'
import { startEmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { createShop } from './database/create.ts'
import { keepMoving } from './database/writer.ts'

/** `npm start`: a real Postgres, the demo shop in it, a writer that keeps it moving, and `sheetflow dev` over them. */

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...RUN_OPTIONS,
  rate: { type: 'string', value: 'N', help: 'transactions a second that the demo writes (default 4, 0 = none)' },
}

const args = process.argv.slice(2)
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
  const rate = wholeNumber(options, 'rate') ?? 4
  const data = path.resolve(text(options, 'data') ?? path.join(HERE, '../../.sheetflow'))
  mkdirSync(data, { recursive: true })
  const ended = new AbortController()
  await using postgres = await startEmbeddedPostgres({ dataDir: path.join(data, 'postgres') })
  await createIn(postgres.url)
  process.env['SHOP_URL'] = postgres.url
  const moving = keepMoving(postgres.url, rate, ended.signal, (text) => output.note(text))
  try {
    return await runByLine({ options: withPlaces(options, data), positionals }, output, {
      dev: true,
      title: 'Sheetflow: the demo shop is live',
      fields: { database: postgres.url },
      extra: [
        ['Database', `psql '${postgres.url}'`],
        ['Edit', 'examples/shop/workbooks/sales/*.sheet.yaml: the page follows'],
      ],
    })
  } finally {
    ended.abort()
    await moving
  }
}

async function createIn(url: string): Promise<void> {
  const db = new Client({ connectionString: url })
  await db.connect()
  try {
    if (await createShop(db)) output.note('created the demo shop')
  } finally {
    await db.end()
  }
}

function withPlaces(options: OptionValues, data: string): OptionValues {
  return { ...options, data, config: path.join(HERE, 'sheetflow.config.ts') }
}

function help(): number {
  const lines = Object.entries(OPTIONS).map(([name, { value, help: about }]) => `  --${name} ${value ?? ''}  ${about}`)
  process.stdout.write(
    ['npm start -- [options]', '', ...lines, '  --data DIR  data folder (default .sheetflow)', '  --json  one event a line', ''].join('\n'),
  )
  return 0
}
