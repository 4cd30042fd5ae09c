import { createWriteStream, existsSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Writable } from 'node:stream'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { graphStream, sourceStream } from '@sheetflow/core/subject'
import { placesOf } from '../../config/places.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { parseMoment, type Moment } from '../../ledger/moment.ts'
import { systemClock } from '../../ops/system-clock.ts'
import { graphsOf } from '../../runtime/roles.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { nearest } from '../nearest.ts'
import { text } from '../options.ts'
import { openPastIfThere } from '../../registry.ts'

/** `sheetflow replay`: the messages of a stream as JSON lines, out of the archive and the bus. Nothing is changed. */
export const replay: CliCommand = {
  name: 'replay',
  summary: 'print what a source or graph wrote as JSON lines, from any position or time; --into writes a file',
  usage: 'replay SOURCE|GRAPH [--from POSITION|TIME] [--to POSITION|TIME] [--into FILE]',
  takes: 1,
  options: {
    from: {
      type: 'string',
      value: 'POSITION|TIME',
      help: 'the first: an offset, a time (ISO), or how long ago (10m, 2h, 3d); default all there is',
    },
    to: { type: 'string', value: 'POSITION|TIME', help: 'the last; default what stands there now' },
    into: { type: 'string', value: 'FILE', help: 'write there instead of to the terminal' },
  },
  async run({ options, positionals }, output) {
    const loaded = await loadByLine(options)
    const stream = streamOf(loaded, positionals[0])
    await using bus = await openPastIfThere(loaded)
    if (bus === null) throw new SheetflowError('ledger/empty', 'nothing has run here yet', { fix: "Start it with 'sheetflow start'." })
    const [from, to] = (['from', 'to'] as const).map((name) => momentBy(text(options, name)))
    const file = text(options, 'into')
    if (file !== undefined && existsSync(file))
      throw new SheetflowError('app/usage', `${file} is there already`, { fix: 'Name another file with --into.' })
    const into: Writable = file === undefined ? process.stdout : createWriteStream(file, { flags: 'wx' })
    const written = await print(into, messagesBetween(bus, stream, from ?? null, to ?? null))
    if (file === undefined) return EXIT.ok
    into.end()
    await finished(into)
    output.event('summary', { stream, file, ...written }, `${written.messages} messages of ${stream} in ${file}`)
    return EXIT.ok
  },
}

interface Written {
  readonly messages: number
  readonly first: number | null
  readonly last: number | null
}

async function print(into: Writable, messages: AsyncIterable<StoredMessage>): Promise<Written> {
  let count = 0
  let first: number | null = null
  let last: number | null = null
  for await (const message of messages) {
    count += 1
    first ??= message.offset
    last = message.offset
    if (!into.write(`${lineOf(message)}\n`) && !(await hasRoom(into))) break
  }
  return { messages: count, first, last }
}

/** Resolves when it takes more; false: nobody reads on, as of `| head`. */
function hasRoom(into: Writable): Promise<boolean> {
  return new Promise((resolve) => {
    const drained = (): void => end(true)
    const closed = (): void => end(false)
    const end = (isOpen: boolean): void => {
      into.off('drain', drained).off('close', closed)
      resolve(isOpen)
    }
    into.on('drain', drained).on('close', closed)
  })
}

async function* messagesBetween(bus: Bus, stream: string, from: Moment | null, to: Moment | null): AsyncIterable<StoredMessage> {
  const start = from !== null && 'offset' in from ? from.offset : (await bus.range(stream)).first
  for await (const messages of bus.read(stream, { from: start, untilNow: true })) {
    for (const message of messages) {
      if (from !== null && 'time' in from && message.storedAt < Date.parse(from.time)) continue
      if (to !== null && isBehind(message, to)) return
      yield message
    }
  }
}

function isBehind({ offset, storedAt }: StoredMessage, moment: Moment): boolean {
  return 'time' in moment ? storedAt > Date.parse(moment.time) : offset > moment.offset
}

/** `{"offset","at","subject","id","body"}`; a body that is no JSON stands as base64 in `bytes`. */
function lineOf({ offset, storedAt, subject, id, headers, body }: StoredMessage): string {
  const head = { offset, at: new Date(storedAt).toISOString(), subject, id, ...(headers === undefined ? {} : { headers }) }
  try {
    return JSON.stringify({ ...head, body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown })
  } catch {
    return JSON.stringify({ ...head, bytes: Buffer.from(body).toString('base64') })
  }
}

function momentBy(word: string | undefined): Moment | null {
  return word === undefined ? null : parseMoment(word, systemClock.now())
}

function streamOf({ config, root }: LoadedConfig, name: string | undefined): string {
  const sources = Object.keys(config.sources)
  const graphs = graphsOf(config, placesOf(config, root).workbooks).map(({ graph }) => graph)
  const known = [...sources, ...graphs]
  if (name !== undefined && sources.includes(name)) return sourceStream(name)
  if (name !== undefined && graphs.includes(name)) return graphStream(name)
  const meant = name === undefined ? undefined : nearest(name, known)
  throw new SheetflowError('app/usage', name === undefined ? 'whose stream?' : `there is no source or graph '${name}'`, {
    fix: meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${meant}?`,
  })
}
