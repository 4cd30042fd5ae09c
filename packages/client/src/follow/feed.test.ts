import { expect, test } from 'vitest'
import type { ChannelFollower } from '../net/transport.ts'
import { RowTable } from '../rows/row-table.ts'
import { ALL_RULES } from '../rows/rules.ts'
import { Feed } from './feed.ts'
import { GraphClock } from './graph-clock.ts'

test("a reset says over how long readers spread their asking; one that does not say means two seconds; lost history is nobody else's", () => {
  const lost: number[] = []
  let follower: ChannelFollower | undefined
  const live = {
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
  const feed = new Feed(live, new GraphClock('sales', '1.1'), {
    table: new RowTable(),
    rules: ALL_RULES,
    channels: {
      state: 'connected',
      onState: () => () => undefined,
      close: () => undefined,
      follow: (_, told) => {
        follower = told
        return { close: () => undefined }
      },
    },
  })
  feed.addUser({
    feedChanged: () => undefined,
    feedLost: (_, spreadMs) => void lost.push(spreadMs),
    renewToken: () => Promise.resolve(null),
  })
  feed.restart(live, [], null)
  follower?.onPublication({ o: 2, reset: true, spread: 6 })
  feed.restart(live, [], null)
  follower?.onPublication({ o: 2, reset: true })
  feed.restart(live, [], null)
  follower?.onLost('behind')
  expect(lost).toEqual([6, 2000, 0])
})
