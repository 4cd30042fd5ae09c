import { expect, test } from 'vitest'
import { Random } from '../../../random.ts'
import { drawSetting, LAYOUTS, LED_ROLES, mayDo } from './layout.ts'

test.each(LAYOUTS)('$name: two processes could do every role', ({ processes }) => {
  for (const role of [...LED_ROLES.map((one) => one.role), 'serve']) {
    expect(processes.filter((roles) => mayDo(roles, role))).toHaveLength(2)
  }
})

test('of the roles that are led those write a stream that capture and compute', () => {
  expect(LED_ROLES.map(({ role, stream }) => `${role} ${stream}`)).toEqual([
    'capture:east SF_SRC_east',
    'capture:west SF_SRC_west',
    'graph:bank SF_GRAPH_bank',
    'store:main null',
  ])
})

test('a kind is not taken for another one', () => {
  expect(mayDo('capture,graph', 'graph:bank')).toBe(true)
  expect(mayDo('store', 'serve')).toBe(false)
  expect(mayDo('serve', 'store:main')).toBe(false)
})

test('seeds draw every layout, and the same seed the same', () => {
  const drawn = Array.from({ length: 60 }, (_, seed) => drawSetting(new Random(seed)))
  expect(new Set(drawn.map(({ layout, syncInterval }) => `${layout.name} ${syncInterval}`)).size).toBe(2 * LAYOUTS.length)
  expect(drawSetting(new Random(7))).toEqual(drawn[7])
})
