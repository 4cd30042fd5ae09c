import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { Records } from './records.ts'

/** A field beside the plain array that it must be. */
interface Modelled {
  readonly kind: 'number' | 'none' | 'int'
  readonly at: number
  /** Its words, and where it stands in the copies. */
  readonly words: readonly number[]
  readonly copiedAt: number
  readonly copied: readonly number[]
  readonly cells: (number | { readonly mark: number })[]
}

describe('records', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('add' as const), kind: fc.constantFrom('number' as const, 'none' as const, 'int' as const) }),
    fc.record({ do: fc.constant('free' as const), field: fc.nat(20) }),
    fc.record({ do: fc.constant('grow' as const), by: fc.nat(40) }),
    fc.record({ do: fc.constant('set' as const), field: fc.nat(20), i: fc.nat(200), value: fc.integer() }),
    fc.record({ do: fc.constant('mark' as const), field: fc.nat(20), i: fc.nat(200), value: fc.nat() }),
  )

  const begun = (kind: Modelled['kind']): Modelled['cells'][number] => (kind === 'none' ? { mark: 0 } : 0)
  const read = (records: Records, { kind, at }: Modelled, i: number): Modelled['cells'][number] => {
    if (kind === 'int') return records.int(i, at)
    const number = records.number(i, at)
    return Number.isNaN(number) ? { mark: records.mark(i, at) } : number
  }

  it('keep every field, whatever fields come and go beside it and however often they grow', () => {
    const property = fc.property(fc.array(action, { minLength: 5, maxLength: 120, size: 'max' }), (actions) => {
      const records = new Records()
      // The same fields at other places.
      const copies = new Records()
      copies.addNumber(true)
      let fields: Modelled[] = []
      let capacity = 0
      for (const one of actions) {
        const field = 'field' in one ? fields[one.field % Math.max(fields.length, 1)] : undefined
        if (one.do === 'add') {
          const add = (to: Records): number => (one.kind === 'int' ? to.addInt() : to.addNumber(one.kind === 'none'))
          const [own, other] = [records, copies].map((to) => to.noting(() => add(to)))
          const at = own?.made ?? Number.NaN
          fields.push({
            kind: one.kind,
            at,
            copiedAt: other?.made ?? Number.NaN,
            words: own?.words ?? [],
            copied: other?.words ?? [],
            cells: Array.from({ length: capacity }, () => begun(one.kind)),
          })
        } else if (one.do === 'grow') {
          capacity += one.by
          records.grow(capacity)
          for (const { kind, cells } of fields) while (cells.length < capacity) cells.push(begun(kind))
        } else if (field !== undefined && one.do === 'free') {
          if (field.kind === 'int') records.freeInt(field.at)
          else records.freeNumber(field.at)
          fields = fields.filter((other) => other !== field)
        } else if (field !== undefined && capacity > 0 && 'i' in one) {
          const i = one.i % capacity
          if (field.kind === 'int') records.setInt(i, field.at, one.value)
          else if (one.do === 'mark') records.setMark(i, field.at, one.value)
          else records.setNumber(i, field.at, one.value)
          field.cells[i] = one.do === 'mark' && field.kind !== 'int' ? { mark: one.value } : one.value
        }
      }
      copies.grow(capacity)
      const pairs = Int32Array.from(fields.flatMap(({ words, copied }) => words.flatMap((word, i) => [word, copied[i] ?? Number.NaN])))
      for (let i = 0; i < capacity; i++) copies.copyWords(records, i, i, pairs)
      for (const field of fields) {
        expect(field.cells.map((_, i) => read(records, field, i))).toEqual(field.cells)
        expect(field.cells.map((_, i) => read(copies, { ...field, at: field.copiedAt }, i))).toEqual(field.cells)
      }
    })
    expect(() => fc.assert(property, { numRuns: 200 })).not.toThrow()
  })
})
