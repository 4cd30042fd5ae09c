import { afterAll, beforeAll, expect, test } from 'vitest'
import { SheetflowError } from '@sheetflow/core/errors'
import { WebSocket } from 'ws'
import { RunningShop, tokenFor } from './testing/running-shop.ts'

/** Where something is that readers must not hear of. */
const WHERE = '10.1.2.3'

function failing(code: 'bus/unavailable' | 'store/unavailable'): () => Promise<never> {
  const more = { retry: 'later', fix: `Is it running at ${WHERE}?`, details: { servers: [WHERE] } } as const
  return () => Promise.reject(new SheetflowError(code, `connect ECONNREFUSED ${WHERE}:4222 as user 'views'`, more))
}

let shop: RunningShop
let clerk: string

beforeAll(async () => {
  shop = await RunningShop.start({ dev: false, commands: { accept: failing('bus/unavailable') } })
  shop.views.query = failing('store/unavailable')
  clerk = await tokenFor('1', 'clerk', { tenant: 1 })
})

afterAll(async () => await shop[Symbol.asyncDispose]())

const COMMAND = { id: '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', name: 'ship_order', payload: {} }

test.each([
  ['a question', 503, 'store/unavailable', '{ open_orders { id } }'],
  ['a mutation', 200, 'bus/unavailable', `mutation { command(id: "${COMMAND.id}", name: "ship_order") { id } }`],
])('S14: %s that fails behind the server says so by code, not where', async (_, status, code, query) => {
  const answer = await shop.ask(clerk, query)
  expect(answer).toMatchObject({ status, errors: [{ extensions: { code, retry: 'later' } }] })
  expect(JSON.stringify(answer)).not.toContain(WHERE)
})

test('S14: nor does a command over the socket', async () => {
  const socket = new WebSocket(shop.serve.realtimeUrl)
  const said = await new Promise<string>((resolve) => {
    socket.on('open', () => {
      socket.send(`{"id":1,"connect":{"token":"${clerk}"}}\n${JSON.stringify({ id: 2, rpc: { method: 'command', data: COMMAND } })}`)
    })
    let text = ''
    socket.on('message', (data) => {
      text += (data as Buffer).toString('utf8')
      if (text.includes('"id":2')) resolve(text)
    })
  })
  socket.terminate()
  expect(said).toContain('bus/unavailable')
  expect(said).not.toContain(WHERE)
})
