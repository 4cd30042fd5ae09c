import { randomUUID } from 'node:crypto'
import { must } from '@sheetflow/core/assert'
import type { DeadLetter } from '@sheetflow/core/dead-letter'
import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { GraphInbox } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { graphInbox, graphInboxSubject } from '@sheetflow/core/subject'
import { lastLetters } from '@sheetflow/engine/letters/last-letters'
import { openLedger } from '../../ledger/open-ledger.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { nearest } from '../nearest.ts'
import { dim, green, yellow, type Output } from '../output.ts'
import { counted } from '../print-diagnostics.ts'

/** Characters of a message that `--payload` prints. */
const PAYLOAD = 4_000

/** A letter and the graph that set it aside. */
interface Found {
  readonly graph: string
  readonly letter: DeadLetter
}

/** `sheetflow dlq`: what graphs could not read and set aside (ADR 025), and formulas that failed inside (ADR 026). It reads and writes the bus, so it makes no difference whether Sheetflow runs. */
export const dlq: CliCommand = {
  name: 'dlq',
  summary: 'messages that could not be read and were set aside: list, show, ask the source again, or forget',
  usage: 'dlq list [--all] | show ID [--payload] | retry ID… | drop ID… [--json]',
  takes: Infinity,
  options: {
    all: { type: 'boolean', help: 'list: those that were closed last as well' },
    payload: { type: 'boolean', help: 'show: the message itself too, as it stands on the bus (it holds cells of rows)' },
  },
  async run({ options, positionals: [what = 'list', ...ids] }, output) {
    const act = ACTIONS[what]
    if (act === undefined) throw unknownAction(what)
    await using ledger = await openLedger(await loadByLine(options))
    const found: Found[] = []
    for (const graph of ledger.graphs) found.push(...(await lettersOf(ledger.bus, graph)))
    return await act({ bus: ledger.bus, found, ids, options, output })
  },
}

interface Asked {
  readonly bus: Bus
  readonly found: readonly Found[]
  readonly ids: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly output: Output
}

const ACTIONS: Readonly<Record<string, (asked: Asked) => Promise<number>>> = {
  list: (asked) => Promise.resolve(list(asked)),
  show,
  retry: (asked) => decide(asked, 'retry'),
  drop: (asked) => decide(asked, 'drop'),
}

/** The letters of a graph, the closed ones first. */
async function lettersOf(bus: Bus, graph: string): Promise<readonly Found[]> {
  try {
    const { open, closed } = await lastLetters(bus, graph)
    return [...closed, ...open].map((letter) => ({ graph, letter }))
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return []
    throw error
  }
}

function list({ found, ids, options, output }: Asked): number {
  if (ids.length > 0) throw usage(`'${must(ids[0])}' means nothing here`)
  const open = found.filter(isOpen)
  for (const one of options['all'] === true ? found : open) output.event('letter', fields(one), line(one))
  output.event(
    'summary',
    { open: open.length },
    open.length === 0 ? green('no dead letter is open') : yellow(`${counted(open.length, 'dead letter')} open`),
  )
  return EXIT.ok
}

async function show({ bus, found, ids, options, output }: Asked): Promise<number> {
  const [id] = ids
  if (id === undefined || ids.length > 1) throw usage('which one?')
  const meant = found.filter(({ letter }) => letter.id === id)
  if (meant.length === 0) throw unknownLetter(id, found)
  for (const one of meant) {
    const { stream, offset } = one.letter
    const message = await messageAt(bus, stream, offset)
    const stored = message === null ? null : { subject: message.subject, id: message.id, bytes: message.body.byteLength }
    const payload = options['payload'] === true && message !== null ? new TextDecoder().decode(message.body).slice(0, PAYLOAD) : undefined
    output.event('letter', { ...fields(one), message: stored, ...(payload === undefined ? {} : { payload }) }, whole(one, stored, payload))
  }
  return EXIT.ok
}

/** Says it to the graphs whose letters they are: an inbox keeps it for one that does not run. */
async function decide({ bus, found, ids, output }: Asked, action: 'retry' | 'drop'): Promise<number> {
  if (ids.length === 0) throw usage('which ones?')
  const open = found.filter(isOpen)
  for (const id of ids) if (!open.some(({ letter }) => letter.id === id)) throw unknownLetter(id, open)
  const meant = open.filter(({ letter }) => ids.includes(letter.id))
  const formula = action === 'retry' ? meant.find(({ letter }) => isOfFormula(letter)) : undefined
  if (formula !== undefined) throw notAsked(formula.letter)
  for (const graph of new Set(meant.map((one) => one.graph))) {
    const own = meant.filter((one) => one.graph === graph).map(({ letter }) => letter.id)
    const body: GraphInbox = { v: 1, kind: 'letter', action, ids: own }
    await bus.ensure(graphInbox(graph))
    await bus.append(graphInbox(graph), [
      { subject: graphInboxSubject(graph, 'letter'), id: `letter/${randomUUID()}`, body: encodeBody(body) },
    ])
  }
  const done = action === 'retry' ? 'the source is asked again' : 'forgotten'
  for (const one of meant) output.event(action, { graph: one.graph, id: one.letter.id }, `${one.letter.id} of ${one.graph}: ${done}`)
  return EXIT.ok
}

/** Null: it was trimmed, and no archive has it. */
async function messageAt(bus: Bus, stream: string, offset: number): Promise<StoredMessage | null> {
  try {
    for await (const [message] of bus.read(stream, { from: offset, untilNow: true })) return message?.offset === offset ? message : null
  } catch (error) {
    if (!isSheetflowError(error, 'bus/gone')) throw error
  }
  return null
}

function isOpen({ letter }: Found): boolean {
  return letter.state === 'open'
}

function fields({ graph, letter }: Found): Readonly<Record<string, unknown>> {
  return { graph, ...letter }
}

/** Of a formula that failed inside, not of what came from anywhere. */
function isOfFormula({ source, table }: DeadLetter): boolean {
  return source === null && table !== null
}

/** `shop!public.orders [42], column total`; `the formula of sales.orders[total], first for [42]` */
function about({ source, table, key, column }: DeadLetter): string {
  if (source === null && table !== null)
    return `the formula of ${table}${column === null ? ' that says which rows it has' : `[${column}]`}${key === null ? '' : `, first for ${JSON.stringify(key)}`}`
  if (source === null) return "the graph's inbox"
  return `${source}!${table ?? ''} ${key === null ? 'all rows' : JSON.stringify(key)}${column === null ? '' : `, column ${column}`}`
}

function line({ graph, letter }: Found): string {
  const { id, state, code, reason, at } = letter
  return `${state === 'open' ? yellow(state) : dim(state)} ${id}  ${about(letter)}  ${dim(`${graph} ${at}`)}\n     ${code}: ${reason}`
}

function whole(
  { graph, letter }: Found,
  stored: { readonly subject: string; readonly bytes: number } | null,
  payload: string | undefined,
): string {
  const { id, state, code, reason, stack, stream, offset, times, asks, at, closedAt } = letter
  const lines = [
    `${id}  ${state === 'open' ? yellow(state) : state}`,
    `  graph    ${graph}`,
    `  about    ${about(letter)}`,
    `  why      ${code}: ${reason}`,
    `  message  ${stream} ${offset}${stored === null ? ', which is not kept any more' : `, ${stored.subject}, ${counted(stored.bytes, 'byte')}`}`,
    `  met      ${counted(times, 'time')}, first ${at}; asked again ${counted(asks, 'time')}`,
  ]
  if (closedAt !== null) lines.push(`  closed   ${closedAt}`)
  if (stack !== null) lines.push(dim(stack))
  if (payload !== undefined) lines.push(payload)
  return lines.join('\n')
}

function usage(what: string): SheetflowError {
  return new SheetflowError('app/usage', what, { fix: `Usage: sheetflow ${dlq.usage}` })
}

function notAsked({ id }: DeadLetter): SheetflowError {
  return new SheetflowError('app/usage', `${id} is of a formula that failed: there is nobody who could be asked again`, {
    fix: `Its cells are computed again when what they read changes. Write the formula in another way, or upgrade; then  sheetflow dlq drop ${id}`,
  })
}

function unknownAction(what: string): SheetflowError {
  const meant = nearest(what, Object.keys(ACTIONS))
  const fix = meant === undefined ? `Usage: sheetflow ${dlq.usage}` : `Did you mean 'sheetflow dlq ${meant}'?`
  return new SheetflowError('app/usage', `dlq does not know '${what}'`, { fix })
}

function unknownLetter(id: string, found: readonly Found[]): SheetflowError {
  const ids = [...new Set(found.map(({ letter }) => letter.id))]
  const meant = nearest(id, ids)
  const there = ids.length === 0 ? 'Nothing is set aside.' : `There are: ${ids.join(', ')}.`
  return new SheetflowError('app/usage', `there is no such letter: ${id}`, { fix: meant === undefined ? there : `Did you mean ${meant}?` })
}
