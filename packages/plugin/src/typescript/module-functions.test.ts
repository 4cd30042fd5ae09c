import { TryLater } from '@sheetflow/core/try-later'
import { describe, expect, it } from 'vitest'
import { defineFunctions } from '../define-functions.ts'
import { ModuleFunctions } from './module-functions.ts'

const signal = new AbortController().signal

describe('what a function returns', () => {
  const answers = async (result: 'int' | 'decimal?' | 'bigint' | 'double', value: unknown) => {
    const set = defineFunctions({ f: { version: '1', params: {}, result, run: () => value as number } })
    return await new ModuleFunctions(set).call({ function: 'f', version: '1', rows: [[]] }, signal)
  }

  it.each([
    ['int', 7, { value: 7 }],
    ['int', -0, { value: 0 }],
    ['decimal?', 7, { value: '7' }],
    ['decimal?', '7.50', { value: '7.50' }],
    ['decimal?', undefined, { value: null }],
    ['bigint', 7n, { value: '7' }],
    ['double', Number.NaN, { error: '#NUM!', reason: 'it answered NaN' }],
    ['double', Number.POSITIVE_INFINITY, { error: '#NUM!', reason: 'it answered Infinity' }],
    ['int', { e: '#N/A' }, { error: '#N/A', reason: 'it answered an error' }],
  ] as const)('%s: %s', async (result, value, answer) => {
    expect(await answers(result, value)).toEqual([answer])
  })
})

describe('runBatch', () => {
  const set = (runBatch: (rows: readonly { readonly a: number }[]) => Promise<readonly number[]>) =>
    new ModuleFunctions(defineFunctions({ f: { version: '1', params: { a: 'int' }, result: 'int', runBatch } }))
  const call = async (functions: ModuleFunctions) => await functions.call({ function: 'f', version: '1', rows: [[1], [2]] }, signal)

  it('is given all rows by the names of their arguments', async () => {
    expect(await call(set((rows) => Promise.resolve(rows.map(({ a }) => a * 2))))).toEqual([{ value: 2 }, { value: 4 }])
  })

  it('that answers another number of rows answers none of them', async () => {
    const reason = 'runBatch answered 1 rows of 2'
    expect(await call(set(() => Promise.resolve([1])))).toEqual([
      { error: '#VALUE!', reason },
      { error: '#VALUE!', reason },
    ])
  })

  it('what it throws concerns all rows', async () => {
    expect(await call(set(() => Promise.reject(new TryLater('away'))))).toEqual([
      { later: 'unavailable', reason: 'away' },
      { later: 'unavailable', reason: 'away' },
    ])
  })
})

describe('a declaration', () => {
  const good = { version: '1', params: { a: 'int' }, result: 'text', run: () => '' } as const
  const define =
    (definition: Readonly<Record<string, unknown>>, name = 'f') =>
    () =>
      defineFunctions({ [name]: { ...good, ...definition } })

  it('has defaults', () => {
    expect(define({})().get('f')?.declared).toEqual({
      name: 'f',
      version: '1',
      params: [{ name: 'a', type: { type: 'int' }, nullable: false }],
      result: { type: { type: 'text' }, nullable: false },
      onPending: 'hold',
      maxBatch: 256,
      timeoutMs: 2_000,
    })
  })

  it.each([
    ['version', { version: 1 }],
    ['params.a', { params: { a: 'number' } }],
    ['result', { result: 'list' }],
    ['onPending', { onPending: 'wait' }],
    ['maxBatch', { maxBatch: 0 }],
    ['timeout', { timeout: 'soon' }],
    ['run', { run: undefined }],
    ['run', { runBatch: () => Promise.resolve([]) }],
  ])('names what is wrong with %s', (field, definition) => {
    expect(define(definition)).toThrow(expect.objectContaining({ code: 'config/invalid', details: { function: 'f', field } }))
  })

  it('has a name that formulas can write', () => {
    expect(define({}, 'Score!')).toThrow(/is not a name/)
  })
})
