import { SheetflowError } from '@sheetflow/core/errors'
import type { BusMessage, StreamInfo, StreamOptions } from '@sheetflow/core/ports/bus'
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

test('a writer whose stream the server had forgotten goes on behind its messages, which are found again when it is opened', async () => {
  const streams = new Map()
  await new MemoryBus({ streams }).ensure('S')
  new MemoryBus({ streams }).appendNow('S', [message('1'), message('2')])
  const bus = new ForgetfulBus({ streams })
  await fenceLife(bus, 'S')
  await bus.append('S', [message('3')], { expectedLast: (await bus.ensure('S')).last })
  expect((await bus.range('S')).last).toBe(3)
})

/** Knows no stream before it was opened. */
class ForgetfulBus extends MemoryBus {
  readonly #opened = new Set<string>()

  override async ensure(stream: string, options?: StreamOptions): Promise<StreamInfo> {
    this.#opened.add(stream)
    return await super.ensure(stream, options)
  }

  override async range(stream: string): Promise<StreamInfo> {
    if (!this.#opened.has(stream)) throw new SheetflowError('bus/unknown-stream', `there is no stream ${stream}`)
    return await super.range(stream)
  }
}
