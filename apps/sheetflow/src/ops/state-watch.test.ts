import type { Log } from '@sheetflow/core/ports/host'
import { expect, it, vi } from 'vitest'
import { stateCheck, StateWatch } from './state-watch.ts'

const state = (total: number) => ({
  total,
  parts: [
    { of: 'table shop!public.orders', bytes: total - 1_000_000 },
    { of: 'texts', bytes: 1_000_000 },
  ],
})
const MB = 1_000_000

it('a graph says once when its state comes near limits.stateBytes, is over it, and is smaller again', () => {
  const said: unknown[] = []
  const line = (level: string) => (event: string, fields?: Readonly<Record<string, unknown>>) =>
    void said.push([level, event, fields?.['code'] ?? fields?.['state']])
  const log: Log = { debug: vi.fn<Log['debug']>(), info: line('info'), warn: line('warn'), error: line('error') }
  const watch = new StateWatch('sales', 100 * MB, log)
  expect(watch.values).toEqual({ graph_state_limit_bytes: 100 * MB })
  for (const total of [79, 80, 90, 101, 150, 99, 10]) watch.look(state(total * MB))
  expect(said).toEqual([
    ['warn', 'graph/state', '80.0 MB of 100.0 MB: table shop!public.orders 79.0 MB, texts 1.0 MB'],
    ['error', 'graph/state-limit', 'engine/state-limit'],
    ['warn', 'graph/state', '99.0 MB of 100.0 MB: table shop!public.orders 98.0 MB, texts 1.0 MB'],
    ['info', 'graph/state', '10.0 MB of 100.0 MB: table shop!public.orders 9.0 MB, texts 1.0 MB'],
  ])
  expect(watch.values).toEqual({ graph_state_bytes: 10 * MB, graph_state_limit_bytes: 100 * MB })
  watch.look(state(80 * MB))
  expect(watch.values['graph_state']).toBe('80.0 MB of 100.0 MB: table shop!public.orders 79.0 MB, texts 1.0 MB')
})

it('doctor tells the same, with what to do', () => {
  expect(stateCheck('sales', state(2_000 * MB), 4_000 * MB)).toEqual({
    name: 'state',
    status: 'ok',
    message: 'its state takes 2.0 GB of 4.0 GB',
  })
  expect(stateCheck('sales', state(3_900 * MB), 4_000 * MB)).toMatchObject({
    status: 'warn',
    message: 'its state takes 3.9 GB of 4.0 GB: table shop!public.orders 3.9 GB, texts 1.0 MB',
    fix: expect.stringContaining('limits.stateBytes'),
  })
  expect(stateCheck('sales', state(5_000 * MB), 4_000 * MB)).toMatchObject({
    status: 'warn',
    message: 'the state of sales takes 5.0 GB, and limits.stateBytes is 4.0 GB: table shop!public.orders 5.0 GB, texts 1.0 MB',
  })
})
