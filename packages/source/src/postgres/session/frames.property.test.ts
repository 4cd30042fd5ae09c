import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { Frames } from './frames.ts'

function frame(type: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head[0] = type
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

test('messages come whole and in order, however the bytes are cut and although the read buffer is used again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 65, max: 90 }), fc.uint8Array({ maxLength: 200 })), { maxLength: 20 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
      fc.boolean(),
      (messages, cuts, takesLate) => {
        const bytes = Buffer.concat(messages.map(([type, content]) => frame(type, content)))
        const frames = new Frames()
        const got: [number, number[]][] = []
        const take = (): void => {
          while (frames.next()) {
            // A message that is not taken comes again.
            frames.back()
            frames.next()
            got.push([frames.type, [...frames.buffer.subarray(frames.start, frames.end)]])
          }
        }
        const read = Buffer.alloc(100)
        for (let at = 0; at < bytes.length;) {
          const size = Math.min(cuts.next().value as number, bytes.length - at)
          bytes.copy(read, 0, at, at + size)
          at += size
          frames.push(read.subarray(0, size))
          if (!takesLate || at === bytes.length) take()
          frames.keep()
          read.fill(0)
        }
        take()
        expect(got).toEqual(messages.map(([type, content]) => [type, [...content]]))
      },
    ),
    { numRuns: 1_000 },
  )
})
