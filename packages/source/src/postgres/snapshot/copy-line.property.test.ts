import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { TUPLE_NULL } from '../log/pgoutput.ts'
import { CopyLine } from './copy-line.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** As Postgres writes it. */
function written(fields: readonly (string | null)[]): string {
  return `${fields.map((field) => (field === null ? '\\N' : field.replace(/[\b\f\n\r\t\v\\]/g, (c) => ESCAPES[c] ?? c))).join('\t')}\n`
}

test('fields come back as they were written, wherever the line stands', () => {
  const field = fc.option(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\b', 'a', 'ż') })),
    { nil: null },
  )
  const line = new CopyLine()
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 70 }), fc.nat(9), (fields, before) => {
      const clean = fields.map((one) => one?.replaceAll('\0', '') ?? null)
      const text = Buffer.from(written(clean))
      const buffer = Buffer.concat([Buffer.alloc(before, 'x'), text, Buffer.from('next\n')])
      const tuple = line.read(buffer, before, before + text.length, clean.length)
      const got = clean.map((_, i) =>
        tuple.kinds[i] === TUPLE_NULL ? null : tuple.buffer.toString('utf8', tuple.starts[i], tuple.ends[i]),
      )
      expect(got).toEqual(clean)
    }),
    { numRuns: 2_000 },
  )
})
