import { setTimeout as pause } from 'node:timers/promises'
import { memoryCache } from '@sheetflow/client/cache/memory-cache'
import { Client } from '@sheetflow/client/client'
import { PAGE_TIMERS } from '@sheetflow/client/host'
import { Addresses } from '@sheetflow/client/net/addresses'
import { CentrifugeChannels } from '@sheetflow/client/net/centrifuge-channels'
import { GraphqlQueries } from '@sheetflow/client/net/graphql-queries'
import type { Page } from '@sheetflow/client/page/page'
import { Reader } from '@sheetflow/client/reader'
import type { CommandLedger } from '../check/command-ledger.ts'
import type { Findings } from '../check/findings.ts'
import { FrameCheck, isClaimed } from '../check/frames.ts'
import type { FrameCounts } from '../check/frames.ts'
import type { Random } from '../../random.ts'
import type { Shape } from '../world/shape.ts'
import { drawPageKind, queryOf } from './page-kinds.ts'
import { RepeatingChannels } from './repeating-channels.ts'

/** What a client is and may. */
export interface TorturedOptions {
  readonly number: number
  /** `http://127.0.0.1:…` of the proxy before each process that serves. */
  readonly urls: readonly string[]
  readonly token: string
  readonly shape: Shape
  readonly random: Random
  readonly findings: Findings
  readonly frames: FrameCounts
  readonly ledger: CommandLedger
}

/** How long a client stays, and how long it is away. */
const STAYS_MS = [3_000, 25_000] as const
const AWAY_MS = 1_500
const COMMAND_EVERY_MS = 2_500

/** Comes, looks at a page, gives commands, goes, and comes again with another page: until the signal aborts. */
export async function runClient(options: TorturedOptions, signal: AbortSignal): Promise<void> {
  const { random } = options
  while (!signal.aborted) {
    const leaves = AbortSignal.any([signal, AbortSignal.timeout(random.between(...STAYS_MS))])
    await oneVisit(options, leaves)
    await rest(random.below(AWAY_MS), signal)
  }
}

async function oneVisit(options: TorturedOptions, leaves: AbortSignal): Promise<void> {
  const { number, shape, random, ledger } = options
  const client = openClient(options)
  client.onCommand((event) => ledger.note(event))
  const kind = drawPageKind(random)
  const page = client.page(queryOf(shape, kind, number))
  const check = new FrameCheck(kind, { shape, findings: options.findings, counts: options.frames, name: `client ${number}` })
  page.subscribe((picture) => check.check(picture))
  await Promise.all([giveCommands(options, client, page, leaves), aborted(leaves)])
  client.close()
}

/** The client as `createClient` puts it together, behind a broker that repeats itself. */
function openClient({ urls, token, random }: TorturedOptions): Client {
  const timers = PAGE_TIMERS
  const all = urls.map((url) => ({ graphql: `${url}/graphql`, realtime: `${url.replace('http', 'ws')}/connection/websocket` }))
  const addresses = new Addresses(all, random.next())
  const [url = ''] = urls
  const socket = new CentrifugeChannels(addresses, { token: () => token, timers })
  return new Client({
    queries: new GraphqlQueries(addresses, () => token),
    channels: new RepeatingChannels(socket, random),
    reader: new Reader(url, () => token),
    clock: () => Date.now(),
    random: random.next,
    cache: memoryCache(),
    timers,
    url,
  })
}

/** One command after the other; each must have its effect on the very frame that shows it as applied. */
async function giveCommands({ number, random, findings }: TorturedOptions, client: Client, page: Page, leaves: AbortSignal): Promise<void> {
  for (;;) {
    await rest(COMMAND_EVERY_MS * (0.5 + random.next()), leaves)
    if (leaves.aborted) return
    const cents = random.chance(0.1) ? 0 : random.between(1, 900)
    const { id, settled } = client.command('ring', { client: number, cents })
    const receipt = await Promise.race([settled, aborted(leaves)])
    if (receipt?.status !== 'applied') continue
    const { picture } = page
    const last = picture.fields['mailbox']?.rows[0]?.values['last']
    if (isClaimed(picture) && (typeof last !== 'string' || last < id)) {
      findings.found('who sees the receipt sees the effect', `client ${number}: ${id} is applied, the mailbox says ${JSON.stringify(last)}`)
    }
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}

function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}
