import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { WebSocketServer } from 'ws'
import { answerTasks } from '../child.ts'

/** Follows a publication and hands what is committed to every socket. */
export interface GatewayTask {
  readonly url: string
  readonly publication: string
}

export interface GatewayAnswer {
  readonly url: string
}

/**
 * The limit of the ring: the shortest way from the log to a socket that somebody would write. Rows are collected until their commit and sent as JSON at
 * once. Nothing is kept, nothing computed, nothing confirmed, nobody may come late.
 */
answerTasks<GatewayTask, GatewayAnswer>(async ({ url, publication }) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  let rows: string[][] = []
  await follow(url, publication, (message) => {
    if (message[0] === UPDATE) rows.push(newTuple(message))
    else if (message[0] === COMMIT && rows.length > 0) {
      const text = JSON.stringify(rows)
      for (const socket of server.clients) socket.send(text)
      rows = []
    }
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
})

const COMMIT = 0x43
const UPDATE = 0x55
const NEW_TUPLE = 0x4e
const TEXT = 0x74
const XLOG_DATA = 0x77
/** XLogData: its byte, two positions, a time. */
const HEADER = 25

async function follow(url: string, publication: string, take: (message: Buffer) => void): Promise<void> {
  const config: pg.ClientConfig & { replication: string } = {
    connectionString: url,
    replication: 'database',
    options: '-c wal_sender_timeout=0',
  }
  const client = new pg.Client(config)
  await client.connect()
  const slot = `hand_written_${process.pid}`
  await client.query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`)
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
  connection.on('copyData', ({ chunk }: { chunk: Buffer }) => {
    if (chunk[0] === XLOG_DATA) take(chunk.subarray(HEADER))
  })
  client.on('error', () => undefined)
  const started = new Promise((resolve) => connection.once('replicationStart', resolve))
  void client
    .query(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${publication}')`)
    .catch(() => undefined)
  await started
}

/** The texts of the row as it is now. The key does not change, so no old tuple stands before it. */
function newTuple(message: Buffer): string[] {
  if (message[5] !== NEW_TUPLE) throw new Error('an update of a key')
  const columns: string[] = []
  let at = 8
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    if (message[at] !== TEXT) throw new Error('a value that is no text')
    const size = message.readUInt32BE(at + 1)
    columns.push(message.toString('utf8', at + 5, at + 5 + size))
    at += 5 + size
  }
  return columns
}
