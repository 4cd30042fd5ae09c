import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { JsonBuffer } from './json-buffer.ts'

test('a string is what JSON.stringify makes of it', () => {
  const out = new JsonBuffer(4)
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)) }),
  )
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      out.reset()
      for (const one of texts) {
        const bytes = Buffer.from(one)
        out.string(bytes, 0, bytes.length)
        out.text(one)
      }
      expect(out.toText()).toBe(texts.map((one) => JSON.stringify(one) + one).join(''))
    }),
    { numRuns: 2_000 },
  )
})
