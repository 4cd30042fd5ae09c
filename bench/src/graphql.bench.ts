import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSchema, createYoga } from 'graphql-yoga'
import { startChild } from './lib/child.ts'
import type { Child } from './lib/child.ts'
import type { HttpLoad, HttpLoadDone } from './lib/http-load.ts'
import { compare } from './lib/measure.ts'
import type { Contender, Figure } from './lib/measure.ts'
import { orderRow, startServing } from './lib/serving.ts'
import { temporaryFolder } from './lib/temporary.ts'

/**
 * 50 rows × 8 columns out of 10,000 in SQLite over HTTP, 16 connections; the CPU is the server's alone, the requests come from another process.
 * Ours checks a token, applies the reader's rule, and answers with signed live channels; the rival runs one prepared statement and nothing else;
 * the limit is a bare HTTP server around a hand-written statement that returns JSON text.
 */
export default async function* graphql(): AsyncIterable<Figure> {
  await using serving = await startServing(ROWS)
  await using rivals = await startRivals()
  using client = startChild<HttpLoad, HttpLoadDone>(new URL('lib/http-load.ts', import.meta.url))
  const { token } = serving
  yield* await compare({
    bench: 'graphql',
    case: '50 rows × 8 columns, SQLite, HTTP',
    unit: 'requests/CPU-s',
    perCpuSecond: true,
    contenders: [
      asking(client, { who: 'sheetflow', url: `${serving.serve.url}/graphql`, token }),
      asking(client, { who: 'graphql-yoga', url: rivals.yoga, token }),
      asking(client, { who: 'limit: SQL to JSON by hand', url: rivals.bare, token }),
    ],
  })
}

const ROWS = 10_000
const REQUESTS = 4_000
const COLUMNS = ['id', 'customer_id', 'customer', 'status', 'total', 'lines', 'placed_at', 'note'] as const

const QUERY = `{ orders(where: {customer_id: {_eq: 7}}, order_by: [{placed_at: desc}], limit: 50) { ${COLUMNS.join(' ')} } }`

interface Asked {
  readonly who: string
  readonly url: string
  readonly token: string
}

function asking(client: Child<HttpLoad, HttpLoadDone>, { who, url, token }: Asked): Contender {
  const body = JSON.stringify({ query: QUERY })
  return {
    who,
    run: async () => {
      const { failed, bytes } = await client.ask({ url, token, body, connections: 16, requests: REQUESTS })
      if (failed > 0 || bytes < 5_000) throw new Error(`${who}: ${failed} failed, ${bytes} bytes`)
      return { items: REQUESTS }
    },
  }
}

interface Rivals extends AsyncDisposable {
  readonly yoga: string
  readonly bare: string
}

async function startRivals(): Promise<Rivals> {
  const folder = temporaryFolder()
  const db = openTable(path.join(folder.path, 'rival.db'))
  const handler = yogaOver(db)
  const yoga = await listen(createServer((request, response) => void handler(request, response)))
  const statement = db.prepare(`SELECT json_group_array(json_object(${COLUMNS.map((name) => `'${name}', ${name}`).join(', ')})) AS rows FROM
    (SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at DESC LIMIT ?)`)
  const bare = await listen(
    createServer((request, response) => {
      request.resume().on('end', () => {
        const body = `{"data":{"orders":${String(statement.get(7, 50)?.['rows'])}}}`
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
      })
    }),
  )
  return {
    yoga: `${urlOf(yoga)}/graphql`,
    bare: urlOf(bare),
    [Symbol.asyncDispose]: async () => {
      for (const server of [yoga, bare]) {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
      db.close()
      folder[Symbol.dispose]()
    },
  }
}

function openTable(file: string): DatabaseSync {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, customer TEXT, status TEXT, total TEXT, lines INTEGER,
    placed_at TEXT, note TEXT); CREATE INDEX by_customer ON orders (customer_id); CREATE INDEX by_time ON orders (placed_at); BEGIN`)
  const insert = db.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  for (let id = 0; id < ROWS; id++) insert.run(...(orderRow(id) as (string | number)[]))
  db.exec('COMMIT')
  return db
}

function yogaOver(db: DatabaseSync): ReturnType<typeof createYoga> {
  const statement = db.prepare('SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at DESC LIMIT ?')
  return createYoga({
    logging: false,
    schema: createSchema({
      typeDefs: `
        input IntFilter { _eq: Int } input Where { customer_id: IntFilter } enum Direction { asc desc } input Order { placed_at: Direction }
        type Orders { id: ID! customer_id: Int customer: String status: String total: String lines: Int placed_at: String note: String }
        type Query { orders(where: Where, order_by: [Order!], limit: Int): [Orders!]! }`,
      resolvers: {
        Query: {
          orders: (_: unknown, args: { where: { customer_id: { _eq: number } }; limit: number }) =>
            statement.all(args.where.customer_id._eq, args.limit),
        },
      },
    }),
  })
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
