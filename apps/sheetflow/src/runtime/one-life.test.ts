import type { BusMessage } from '@sheetflow/core/ports/bus'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { fenceLife } from './one-life.ts'

const message = (id: string): BusMessage => ({ subject: 'a.b', id, body: new Uint8Array(1) })

test('a writer that looks for the end of its stream again does not go on behind another one', async () => {
  const streams = new Map()
  const [one, other] = [new MemoryBus({ streams }), new MemoryBus({ streams })]
  await one.ensure('S')
  await fenceLife(one, 'S')
  await one.append('S', [message('1'), message('2')], { expectedLast: 0 })
  // It begins anew in the same life: nobody was here.
  await one.append('S', [message('3')], { expectedLast: (await one.range('S')).last })
  await other.append('S', [message('4')], { expectedLast: 3 })
  const { last } = await one.range('S')
  await expect(one.append('S', [message('5')], { expectedLast: last })).rejects.toMatchObject({ code: 'bus/fenced' })
  await expect(one.append('S', [message('5')], { expectedLast: 3 })).rejects.toMatchObject({ code: 'bus/fenced' })
  expect((await one.range('S')).last).toBe(4)
  // Inboxes have many writers.
  await one.append('S', [message('6')])
})
