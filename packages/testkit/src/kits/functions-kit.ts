import type { DeclaredFunction, Functions } from '@sheetflow/core/ports/functions'
import { describe, expect, it } from 'vitest'

/** The functions that a lab offers. Each takes one text. */
export const KIT_FUNCTIONS: readonly DeclaredFunction[] = [
  declared('length_of', 'The number of characters.'),
  declared('broken', 'Fails for the text "bad", answers the length of any other.'),
  declared('away', 'Cannot answer "away" now, answers the length of any other.'),
  declared('stuck', 'Never ends for the text "stuck", answers the length of any other.'),
]

function declared(name: string, help: string): DeclaredFunction {
  return {
    name,
    help,
    version: '1',
    params: [{ name: 'text', type: { type: 'text' }, nullable: true }],
    result: { type: { type: 'int' }, nullable: false },
    onPending: 'hold',
    maxBatch: 10,
    timeoutMs: 1_000,
  }
}

/** Runs every guarantee of the port `Functions`. `make` offers `KIT_FUNCTIONS`. */
export function describeFunctions(name: string, make: () => Promise<Functions>): void {
  const call = async (fn: string, rows: readonly (readonly (string | null)[])[], signal = new AbortController().signal, version = '1') => {
    await using functions = await make()
    return await functions.call({ function: fn, version, rows }, signal)
  }

  describe(`functions: ${name}`, () => {
    it('says what can be called, each once', async () => {
      await using functions = await make()
      const known = [...(await functions.describe())].sort((a, b) => (a.name < b.name ? -1 : 1))
      expect(known).toEqual([...KIT_FUNCTIONS].sort((a, b) => (a.name < b.name ? -1 : 1)))
    })

    it('answers every row, in their order, equal ones each', async () => {
      expect(await call('length_of', [['aa'], [''], ['aaa'], ['aa']])).toEqual([{ value: 2 }, { value: 0 }, { value: 3 }, { value: 2 }])
    })

    it('Blank comes as Blank', async () => {
      expect(await call('length_of', [[null]])).toEqual([{ value: 0 }])
    })

    it('no rows have no answers', async () => {
      expect(await call('length_of', [])).toEqual([])
    })

    it('a row that fails is an error and costs no other its answer', async () => {
      const [first, second, third] = await call('broken', [['a'], ['bad'], ['ccc']])
      expect([first, third]).toEqual([{ value: 1 }, { value: 3 }])
      expect(second).toMatchObject({ error: '#VALUE!', reason: expect.stringMatching(/./) as unknown })
    })

    it('a row that cannot be answered now says so and costs no other its answer', async () => {
      const [first, second] = await call('away', [['a'], ['away']])
      expect(first).toEqual({ value: 1 })
      expect(second).toMatchObject({ later: 'unavailable' })
    })

    it('ends when it is told to, whatever the function does', async () => {
      const stop = new AbortController()
      const answers = call('stuck', [['a'], ['stuck']], stop.signal)
      stop.abort()
      const ended = await answers.then(
        (rows) => rows.map((row) => 'later' in row || 'value' in row),
        (error: unknown) => [(error as { readonly code?: unknown }).code === 'plugin/unavailable'],
      )
      expect(ended).not.toContain(false)
    })

    it.each([
      ['nobody', '1'],
      ['length_of', '2'],
    ])('%s, version %s, is a function that nobody offers', async (fn, version) => {
      await expect(call(fn, [['a']], undefined, version)).rejects.toMatchObject({ code: 'plugin/unknown-function', retry: 'later' })
    })

    it('rows are not changed', async () => {
      const rows = [['a'], ['b']] as const
      await call('length_of', rows)
      expect(rows).toEqual([['a'], ['b']])
    })
  })
}
