import { startNats } from '@sheetflow/testkit/nats/server'
import { expect, test } from 'vitest'
import { openNatsPresence } from './presence.ts'

const PATIENT = { timeout: 60_000, interval: 500 }

test('every process is seen by all, with what it said last, and forgotten when it says no more', async () => {
  await using server = await startNats()
  await using one = await openNatsPresence({ servers: [server.url] })
  await using other = await openNatsPresence({ servers: [server.url] })
  expect(await one.all()).toEqual([])
  await one.tell('host.example/1/a', 'first')
  await one.tell('host.example/1/a', 'second')
  await other.tell('host/2/b', 'third')
  const all = [
    { process: 'host/2/b', text: 'third' },
    { process: 'host_example/1/a', text: 'second' },
  ]
  expect(await one.all()).toEqual(all)
  expect(await other.all()).toEqual(all)
  await expect.poll(() => one.all(), PATIENT).toEqual([])
})

test('a server that restarts has forgotten what was in its memory: who lives on is seen again, without beginning anew', async () => {
  await using server = await startNats()
  await using one = await openNatsPresence({ servers: [server.url] })
  await one.tell('host/1/a', 'before')
  await server.kill9()
  await server.start()
  // What cannot be told is told the next time (`tellPresence`).
  const tell = (): Promise<unknown> => one.tell('host/1/a', 'after').catch((error: unknown) => error)
  await expect.poll(tell, PATIENT).toBeUndefined()
  expect(await one.all()).toEqual([{ process: 'host/1/a', text: 'after' }])
})
