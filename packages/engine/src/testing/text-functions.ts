import { SheetflowError } from '@sheetflow/core/errors'
import type { FunctionSignature, FunctionSignatures } from '@sheetflow/core/function-signature'
import type { DeclaredFunction, FunctionAnswer, FunctionBatch, Functions } from '@sheetflow/core/ports/functions'

/** Functions of one text that answer its length, or what a test says, and remember what they were asked. */
export class TextFunctions implements Functions {
  readonly calls: FunctionBatch[] = []
  /** Those that cannot be called. */
  readonly dead: Set<string> = new Set<string>()
  /** Decides about single rows; undefined: they are answered. */
  special: (text: string, signal: AbortSignal) => FunctionAnswer | Promise<FunctionAnswer> | undefined = () => undefined
  maxBatch = 100
  readonly #signatures: FunctionSignatures

  constructor(signatures: FunctionSignatures) {
    this.#signatures = signatures
  }

  /** Every text that a function was asked for, in order. */
  asked(fn: string): readonly unknown[] {
    return this.calls.filter((call) => call.function === fn).flatMap(({ rows }) => rows.map(([text]) => text))
  }

  describe(): Promise<readonly DeclaredFunction[]> {
    return Promise.resolve(
      Object.entries(this.#signatures).map(([name, signature]) => ({ ...signature, name, maxBatch: this.maxBatch, timeoutMs: 1_000 })),
    )
  }

  async call(batch: FunctionBatch, signal: AbortSignal): Promise<readonly FunctionAnswer[]> {
    this.calls.push(batch)
    if (this.dead.has(batch.function)) throw new SheetflowError('plugin/unavailable', 'it is away', { retry: 'later' })
    return await Promise.all(
      batch.rows.map(
        async ([text]): Promise<FunctionAnswer> => (await this.special(text as string, signal)) ?? { value: (text as string).length },
      ),
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

/** Takes a text, answers a whole number. */
export function textFunction(onPending: FunctionSignature['onPending']): FunctionSignature {
  return {
    version: '1',
    params: [{ name: 'text', type: { type: 'text' }, nullable: false }],
    result: { type: { type: 'int' }, nullable: false },
    onPending,
  }
}
