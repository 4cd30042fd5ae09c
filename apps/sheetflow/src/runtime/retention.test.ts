import { SheetflowError } from '@sheetflow/core/errors'
import { expect, test } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { keepWithinLimits } from './retention.ts'

test('whoever is told to stop while the bus is away does not wait for it once more for each stream', async () => {
  const config = checkConfig({ sources: { shop: { type: 'postgres', url: 'postgres://localhost/shop' } } }, 'test')
  const stop = new AbortController()
  const asked: string[] = []
  await keepWithinLimits({
    bus: {
      trim: (stream) => {
        asked.push(stream)
        stop.abort()
        return Promise.reject(new SheetflowError('bus/unavailable', 'there is no connection', { retry: 'later' }))
      },
    },
    clock: { sleep: () => Promise.resolve() },
    plan: { config, root: '/', graphs: [{ graph: 'sales', workbooks: ['sales'] }], dev: false },
    journal: { log: () => undefined, restarting: () => undefined, [Symbol.dispose]: () => undefined },
    leads: () => true,
    signal: stop.signal,
  })
  expect(asked).toHaveLength(1)
})
