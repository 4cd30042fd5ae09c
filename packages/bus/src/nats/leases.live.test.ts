import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { startNats } from '@sheetflow/testkit/nats/server'
import { expect, test } from 'vitest'
import { openNatsLeases } from './leases.ts'

test('a bucket that this user may not make is said with what to do, and used as soon as an operator has made it', async () => {
  await using server = await startNats({
    config: [
      `authorization { timeout: 60, users: [
        { user: operator, password: operator },
        { user: sheetflow, password: sheetflow, permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>"] } } },
      ] }`,
    ],
  })
  await using leases = await openNatsLeases({ servers: [server.url], user: 'sheetflow', password: 'sheetflow', silentMs: 1_500 })
  const heard: (Error | null)[] = []
  const lease = leases.acquire('graph:sales', 'a', new AbortController().signal, (trouble) => heard.push(trouble))
  await expect.poll(() => heard.length, { timeout: 60_000 }).toBe(1)
  expect(heard[0]).toMatchObject({
    code: 'bus/unavailable',
    retry: 'later',
    message: expect.stringContaining('bucket SF_LEASES cannot be made') as string,
    fix: expect.stringContaining('nats kv add SF_LEASES --history=1 --storage=file') as string,
  })
  const nc = await connect({ servers: server.url, user: 'operator', pass: 'operator' })
  const manager = await jetstreamManager(nc)
  await manager.streams.add({
    name: 'KV_SF_LEASES',
    subjects: ['$KV.SF_LEASES.>'],
    max_msgs_per_subject: 1,
    allow_direct: true,
    deny_delete: true,
  })
  await nc.close()
  await using held = await lease
  expect(held.token).toBe(1)
  expect(heard.at(-1)).toBeNull()
})

test('a bucket for which the server has no room is said, and made when there is some', async () => {
  await using server = await startNats({ jetstream: ['max_file_store: 8MB'] })
  await using leases = await openNatsLeases({ servers: [server.url], silentMs: 1_500 })
  const heard: (Error | null)[] = []
  const stopping = new AbortController()
  const lease = leases.acquire('graph:sales', 'a', stopping.signal, (trouble) => heard.push(trouble))
  await expect.poll(() => heard.length, { timeout: 60_000 }).toBe(1)
  expect(heard[0]).toMatchObject({ code: 'bus/full', retry: 'later', fix: expect.stringContaining('max_file_store') as string })
  stopping.abort(new Error('stopped'))
  await expect(lease).rejects.toThrow('stopped')
})
