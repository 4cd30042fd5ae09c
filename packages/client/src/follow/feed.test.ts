import { expect, test } from 'vitest'
import type { ChannelFollower } from '../net/transport.ts'
import { RowTable } from '../rows/row-table.ts'
import { Feed } from './feed.ts'
import { GraphClock } from './graph-clock.ts'

const LIVE = {
  channel: 'sf:a',
  token: 't',
  view: 'sales.orders',
  epoch: '1.1',
  offset: 1,
  at: 1,
  graph: 'sales',
  order: [],
  key: [],
} as const

/** A feed that follows, whoever tells it of its channel, and over how long it was told to spread each time that it was lost. */
function following(): { readonly feed: Feed; readonly told: ChannelFollower; readonly lost: readonly number[] } {
  const lost: number[] = []
  const feed = new Feed(LIVE, new GraphClock('sales', '1.1'), {
    table: new RowTable(),
    channels: {
      state: 'connected',
      onState: () => () => undefined,
      close: () => undefined,
      follow: () => ({ close: () => undefined }),
    },
  })
  feed.addUser({
    feedChanged: () => undefined,
    feedLost: (_, spreadMs) => void lost.push(spreadMs),
    renewToken: () => Promise.resolve(null),
  })
  feed.restart(LIVE, [], null)
  return { feed, told: feed, lost }
}

test("a reset says over how long readers spread their asking; one that does not say means two seconds; lost history is nobody else's", () => {
  const { feed, told, lost } = following()
  told.onPublication({ o: 2, reset: true, spread: 6 })
  feed.restart(LIVE, [], null)
  told.onPublication({ o: 2, reset: true })
  feed.restart(LIVE, [], null)
  told.onLost('behind')
  expect(lost).toEqual([6, 2000, 0])
})

test('a reset of before what has come says that the stream was set back: the clock of the graph begins anew', () => {
  const { feed, told, lost } = following()
  told.onLive(50)
  expect(feed.stand).toBe(50)
  told.onPublication({ o: 20, reset: true })
  feed.restart({ ...LIVE, offset: 18, at: 18 }, [], null)
  told.onLive(21)
  expect([feed.stand, lost.length]).toEqual([21, 1])
})
