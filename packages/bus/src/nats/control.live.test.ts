import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { startNats } from '@sheetflow/testkit/nats/server'
import { expect, it } from 'vitest'
import { openNatsBus } from './nats-bus.ts'

/** A server that has lost the stream of the bus's own records, and no other (its description was not synced, or somebody took it away). */

it('the records of the bus are lost while it is open: it makes them again, and reads, registers and trims as before', async () => {
  await using server = await startNats()
  const clock = { nowMs: 1_795_430_000_000, now: () => clock.nowMs }
  await using bus = await openNatsBus({ servers: [server.url], patienceMs: 5_000, clock })
  const { epoch } = await bus.ensure('S')
  await bus.append(
    'S',
    range(1, 10).map((n) => testMessage('a', String(n))),
  )
  await bus.retain('S', 'early', 1)
  await forget(server.url)
  await bus.retain('S', 'reader', 6)
  expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ last: 10 })
  expect(await bus.range('S')).toMatchObject({ last: 10 })
  await forget(server.url)
  clock.nowMs += 60_000
  // What joins before and behind the loss is not known.
  expect((await bus.range('S')).epoch).toBeGreaterThan(epoch)
  const { first } = await bus.ensure('S')
  expect((await readAll(bus, 'S', first)).at(-1)?.id).toBe('10')
})

async function forget(servers: string): Promise<void> {
  const nc = await connect({ servers })
  try {
    expect(await (await jetstreamManager(nc)).streams.delete('SF_BUS')).toBe(true)
  } finally {
    await nc.close()
  }
}
