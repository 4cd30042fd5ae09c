import { TryLater } from '@sheetflow/core/try-later'
import { describeFunctions, KIT_FUNCTIONS } from '@sheetflow/testkit/kits/functions-kit'
import { defineFunctions } from '../define-functions.ts'
import { ModuleFunctions } from './module-functions.ts'

const options = { version: '1', params: { text: 'text?' }, result: 'int', maxBatch: 10, timeout: '1 s' } as const
const helpOf = (name: string): { readonly help: string } => ({ help: KIT_FUNCTIONS.find((one) => one.name === name)?.help ?? '' })
const length = (text: string | null): number => text?.length ?? 0

const ONE_BY_ONE = defineFunctions({
  length_of: { ...options, ...helpOf('length_of'), run: ({ text }) => length(text) },
  broken: {
    ...options,
    ...helpOf('broken'),
    run: async ({ text }) => {
      await Promise.resolve()
      if (text === 'bad') throw new Error('no such text')
      return length(text)
    },
  },
  away: {
    ...options,
    ...helpOf('away'),
    run: ({ text }) => {
      if (text === 'away') throw new TryLater('the service is away')
      return length(text)
    },
  },
  stuck: { ...options, ...helpOf('stuck'), run: ({ text }) => (text === 'stuck' ? new Promise<number>(() => undefined) : length(text)) },
})

describeFunctions('of a TypeScript module', () => Promise.resolve(new ModuleFunctions(ONE_BY_ONE)))
