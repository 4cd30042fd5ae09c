import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import pg from 'pg'
import type { BusPlace } from './bus-place.ts'

/** Reads a slot from its start with so many rows behind it. */
export interface SlotReading {
  readonly url: string
  readonly slot: string
  readonly publication: string
  readonly rows: number
}

/** Messages that may be under way at once: what the client of NATS advises against exceeding, and more than our files make wait. */
const WINDOW = 512

/** The common way in Node: the library decodes, each row is published as a message of its own on a durable bus. */
export async function readByLibrary({ url, slot, publication, rows }: SlotReading, place: BusPlace): Promise<void> {
  await using sink = await place.openSink()
  const service = new LogicalReplicationService(
    { connectionString: url },
    { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
  )
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] })
  const underWay: Promise<unknown>[] = []
  let seen = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  service.on('data', async (lsn: string, message: { tag: string; new?: object }) => {
    if (message.tag !== 'insert' || seen === rows) return
    seen += 1
    const id = `${lsn}/${seen}`
    underWay.push(sink.publish(id, Buffer.from(JSON.stringify(message.new, plainly))))
    if (underWay.length >= WINDOW) await underWay.shift()
    if (seen === rows) Promise.all(underWay).then(() => resolve(), reject)
  })
  service.on('error', reject)
  const ended = service.subscribe(plugin, slot)
  ended.catch(reject)
  await promise
  await service.destroy()
}

function plainly(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** The bare protocol: every message is taken off the socket and nothing is done with it but to look for its first byte. */
export async function readBare({ url, slot, publication, rows }: SlotReading): Promise<void> {
  const client = new pg.Client({ connectionString: url, replication: 'database' } as pg.ClientConfig)
  await client.connect()
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter & { stream: { destroy(): void } } }
  const { promise, resolve } = Promise.withResolvers<void>()
  let seen = 0
  connection.on('copyData', ({ chunk }: { chunk: Buffer }) => {
    // XLogData ('w'), 24 bytes of header, then pgoutput: 'I' is an insert.
    if (chunk[0] === 0x77 && chunk[25] === 0x49 && ++seen === rows) resolve()
  })
  client.on('error', () => undefined)
  void client
    .query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${publication}')`)
    .catch(() => undefined)
  await promise
  connection.stream.destroy()
}
