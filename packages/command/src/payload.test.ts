import { isSheetflowError } from '@sheetflow/core/errors'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { readPayload, type PayloadType } from './payload.ts'

const read = (type: PayloadType, value: unknown): unknown => readPayload('do_it', { x: type }, { x: value })['x']

describe('a payload', () => {
  it.each<[PayloadType, unknown, unknown]>([
    ['int', 42, 42],
    ['int', '42', 42],
    ['int', -0, 0],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', 7, '7'],
    ['decimal', '9.50', '9.50'],
    ['decimal', 9, '9'],
    ['double', 0.1, 0.1],
    ['text', 'a\u0000\ud800', 'a\ufffd\ufffd'],
    ['bool', false, false],
    ['date', '2026-11-23', '2026-11-23'],
    ['time', '10:00:00', '10:00:00.000000'],
    ['timestamp', '2026-11-23T10:00:00', '2026-11-23T10:00:00.000000'],
    ['timestamptz', '2026-11-23T10:00:00+02:00', '2026-11-23T08:00:00.000000Z'],
    ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['json', { a: [1] }, '{"a":[1]}'],
    ['json', '{"a":1}', '{"a":1}'],
    ['int?', null, null],
    ['int?', 1, 1],
  ])('%s takes %j', (type, given, form) => {
    expect(read(type, given)).toBe(form)
  })

  it.each<[PayloadType, unknown]>([
    ['int', 1.5],
    ['int', '1.0'],
    ['int', '99999999999999999999'],
    ['int', true],
    ['bigint', 2 ** 60],
    ['decimal', 9.5],
    ['decimal', '1e3'],
    ['decimal', 'NaN'],
    ['double', '1'],
    ['double', Number.NaN],
    ['text', 1],
    ['bool', 'true'],
    ['date', '2026-02-30'],
    ['time', 'ten'],
    ['timestamptz', 'yesterday'],
    ['uuid', 'x'],
    ['json', '{'],
    ['int', null],
    ['int', undefined],
    ['int', { e: '#N/A' }],
  ])('%s refuses %j and names the field', (type, given) => {
    expect(() => read(type, given)).toThrow(
      expect.objectContaining({ code: 'command/bad-payload', details: { command: 'do_it', field: 'x' } }),
    )
  })

  it('that is nested without end is refused: writing it would recurse', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    expect(() => read('json', nested(100_000))).toThrow(expect.objectContaining({ code: 'command/bad-payload' }))
    expect(read('json', nested(64))).toHaveLength(128)
  })

  it('fills in Blank for what is absent, and refuses what is not known or too large', () => {
    expect(readPayload('do_it', { a: 'int', b: 'text?' }, { a: 1 })).toEqual({ a: 1, b: null })
    expect(() => readPayload('do_it', { a: 'int' }, { a: 1, constructor: 1 })).toThrow(/'constructor' is not known/)
    expect(() => readPayload('do_it', { a: 'text' }, { a: 'x'.repeat(300_000) })).toThrow(/larger/)
  })

  it('whatever comes: a coded error, or what is read reads itself again', () => {
    const types = fc.constantFrom<PayloadType>(
      'int',
      'bigint',
      'decimal',
      'double',
      'text',
      'bool',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'uuid',
      'json?',
    )
    fc.assert(
      fc.property(types, fc.anything(), (type, value) => {
        const first = attempt(type, value)
        expect(first === 'refused' || attempt(type, first) === first || Object.is(attempt(type, first), first)).toBe(true)
      }),
      { numRuns: runs(5_000, 100_000) },
    )
  })
})

function attempt(type: PayloadType, value: unknown): unknown {
  try {
    return read(type, value)
  } catch (error) {
    if (isSheetflowError(error, 'command/bad-payload')) return 'refused'
    throw error
  }
}
