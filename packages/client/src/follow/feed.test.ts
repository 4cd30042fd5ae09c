import { expect, test } from 'vitest'
import type { LiveExtension } from '@sheetflow/core/wire'
import type { Channels } from '../net/transport.ts'
import { RowTable } from '../rows/row-table.ts'
import { ALL_RULES } from '../rows/rules.ts'
import { Feed } from './feed.ts'
import { GraphClock } from './graph-clock.ts'

const LIVE: LiveExtension = {
  channel: 'sf:1',
  token: 't',
  epoch: '1.1',
  offset: 10,
  at: 10,
  view: 'sales.orders',
  graph: 'sales',
  order: [],
  key: [{ column: 'id', type: 'int' }],
}

const silent: Channels = {
  state: 'connected',
  onState: () => () => undefined,
  follow: () => ({ close: () => undefined }),
  close: () => undefined,
}

function followed(): Feed {
  const feed = new Feed(LIVE, new GraphClock('sales', '1'), { channels: silent, table: new RowTable(), rules: ALL_RULES })
  feed.restart(LIVE, [], { status: 'ready' })
  return feed
}

test('how the view stands is told by the answer, then by the channel', () => {
  const feed = followed()
  feed.onLive(10)
  feed.onPublication({ o: 12, status: 'stale', rows: [] })
  expect(feed.status).toEqual({ status: 'stale' })
  feed.onPublication({ o: 13, rows: [] })
  expect(feed.status).toEqual({ status: 'stale' })
  feed.onPublication({ o: 14, status: 'ready', rows: [] })
  expect(feed.status).toEqual({ status: 'ready' })
})

test('a window says it with its whole content, at the offset where the list stands already', () => {
  const feed = followed()
  feed.onPublication({ o: 10, reset: true, status: 'stale', rows: [] })
  expect(feed.status).toEqual({ status: 'stale' })
})

test('neither a publication nor an answer of before the list takes it back', () => {
  const feed = followed()
  feed.onLive(20)
  feed.onPublication({ o: 21, status: 'stale', rows: [] })
  feed.onPublication({ o: 9, status: 'ready', rows: [] })
  feed.hearStatus({ status: 'ready' }, 15)
  expect(feed.status).toEqual({ status: 'stale' })
  feed.hearStatus({ status: 'ready' }, 22)
  expect(feed.status).toEqual({ status: 'ready' })
})
