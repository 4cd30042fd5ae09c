import { SheetflowError } from '@sheetflow/core/errors'
import type { Leases } from '@sheetflow/core/ports/leases'
import { expect, test } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { readiness } from '../ops/health.ts'
import { Supervisor } from './supervisor.ts'

const REASON = new SheetflowError('bus/full', 'the key-value bucket SF_LEASES cannot be made: no room', {
  retry: 'later',
  fix: 'Make room.',
})

test('while nobody can say who leads a role it does not count as standing by: state, reason and fix say so, and the log', async () => {
  let hear: ((trouble: Error | null) => void) | undefined
  const leases: Leases = {
    // Another process holds it.
    acquire: (_name, _holder, signal, listener) => {
      hear = listener
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }))
    },
    list: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const plan = {
    config: checkConfig({ sources: { shop: { type: 'postgres', url: 'postgres://localhost/shop' } } }, 'test'),
    root: '/',
    graphs: [],
    dev: false,
  }
  const supervisor = new Supervisor([{ kind: 'store', store: 'main' }], plan, { leases, holder: 'here' })
  const told: unknown[] = []
  supervisor.on('leases', (role, trouble) => told.push([role, trouble?.code ?? null]))
  supervisor.on('standby', (role) => told.push([role, 'standby']))
  supervisor.start()
  expect(readiness(supervisor.reports()).ready).toBe(true)
  hear?.(REASON)
  expect(readiness(supervisor.reports())).toEqual({
    ready: false,
    roles: {
      'store:main': {
        state: 'waiting',
        values: {},
        problem: 'nobody can say who does this: the key-value bucket SF_LEASES cannot be made: no room',
        fix: 'Make room.',
      },
    },
  })
  hear?.(null)
  expect(readiness(supervisor.reports()).ready).toBe(true)
  await expect.poll(() => told, { timeout: 20_000 }).toContainEqual(['store:main', 'standby'])
  expect(told.slice(0, 2)).toEqual([
    ['store:main', 'bus/full'],
    ['store:main', null],
  ])
  await supervisor.stop()
})
