import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { startNats } from '@sheetflow/testkit/nats/server'
import { describe, expect, it } from 'vitest'
import { Control, type StreamRecord } from './control.ts'
import { openLink } from './link.ts'
import { openNatsBus } from './nats-bus.ts'
import { NatsStream } from './nats-stream.ts'
import { Trimmer } from './trimmer.ts'

/** A server that loses a stream in the middle of something, whose writer makes it anew at once: what was begun with the one must not be done to the other. */

const STREAM = 'SF_SRC_shop'

/** The records of a bus whose stream is lost when `when` says so of a change. */
class LosingControl extends Control {
  lose: { readonly when: 'before' | 'after'; readonly run: () => Promise<void> } | null = null

  override async change(stream: string, change: (record: StreamRecord | null) => StreamRecord): Promise<StreamRecord> {
    const { lose } = this
    this.lose = null
    if (lose?.when === 'before') await lose.run()
    const record = await super.change(stream, change)
    if (lose?.when === 'after') await lose.run()
    return record
  }
}

describe.for(['before', 'after'] as const)('a trim that %s its record is raised', (when) => {
  it('finds another stream there, and takes nothing of that one', async () => {
    await using server = await startNats()
    await using bus = await openNatsBus({ servers: [server.url] })
    await bus.ensure(STREAM)
    await bus.append(
      STREAM,
      range(1, 20).map((n) => testMessage('sf.src.shop.public.t', `old-${n}`)),
    )
    await using link = await openLink({ servers: [server.url] })
    const control = new LosingControl(link, 1)
    const door = new NatsStream({ link, control, replicas: 1, by: 'trimmer', now: Date.now, log: null }, STREAM)
    const lost = async (): Promise<void> => {
      await deleteStream(server.url, STREAM)
      await using writer = await openNatsBus({ servers: [server.url] })
      await writer.ensure(STREAM)
      await writer.append(
        STREAM,
        range(1, 5).map((n) => testMessage('sf.src.shop.public.t', `new-${n}`)),
      )
    }
    control.lose = { when, run: lost }
    await expect(new Trimmer(door).trim({ maxBytes: 1 })).rejects.toMatchObject({ code: 'bus/unavailable', retry: 'now' })
    await using after = await openNatsBus({ servers: [server.url] })
    expect(await after.range(STREAM)).toMatchObject({ first: 1, last: 5 })
    expect((await readAll(after, STREAM)).map(({ id }) => id)).toEqual(range(1, 5).map((n) => `new-${n}`))
    await door.close()
  })
})

it('a sender that lives on: an id of the stream before is none of the new one', async () => {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url] })
  const inbox = 'SF_IN_GRAPH_sales'
  const message = (id: string): ReturnType<typeof testMessage> => testMessage('sf.in.graph.sales.activate', id)
  await bus.ensure(inbox)
  expect(await bus.append(inbox, [message('activate/1')])).toEqual({ first: 1, last: 1 })
  await deleteStream(server.url, inbox)
  await using other = await openNatsBus({ servers: [server.url] })
  await other.ensure(inbox)
  await other.append(
    inbox,
    range(1, 3).map((n) => message(`other/${n}`)),
  )
  expect(await bus.append(inbox, [message('activate/1')])).toEqual({ first: 4, last: 4 })
})

async function deleteStream(servers: string, stream: string): Promise<void> {
  const nc = await connect({ servers })
  try {
    await (await jetstreamManager(nc)).streams.delete(stream)
  } finally {
    await nc.close()
  }
}
