import { isCellErrorKind } from '@sheetflow/core/cell-error'
import { SheetflowError } from '@sheetflow/core/errors'
import { isJsonError } from '@sheetflow/core/json-special'
import type { DeclaredFunction, FunctionAnswer, FunctionBatch, Functions } from '@sheetflow/core/ports/functions'
import { isTryLater } from '@sheetflow/core/try-later'
import type { JsonValue } from '@sheetflow/core/value'
import type { Answered, FunctionSet, FunctionSpec } from '../define-functions.ts'

/** Functions of a module in this thread: rows of a call run at once, each answers for itself. */
export class ModuleFunctions implements Functions {
  readonly #set: FunctionSet

  constructor(set: FunctionSet) {
    this.#set = set
  }

  describe(): Promise<readonly DeclaredFunction[]> {
    return Promise.resolve([...this.#set.values()].map(({ declared }) => declared))
  }

  async call(batch: FunctionBatch, signal: AbortSignal): Promise<readonly FunctionAnswer[]> {
    const spec = this.#set.get(batch.function)
    if (spec?.declared.version !== batch.version) {
      const known = spec === undefined ? 'there is none of that name' : `it has version ${spec.declared.version}`
      throw new SheetflowError('plugin/unknown-function', `nobody offers ${batch.function}, version ${batch.version}: ${known}`, {
        retry: 'later',
        fix: 'Declare it again, or deploy files that do not call it.',
      })
    }
    const rows = batch.rows.map((row) => named(spec, row))
    using ended = endOf(signal)
    const { run } = spec
    if (run !== null) return await Promise.all(rows.map((row) => answerOf(spec, () => run(row, { signal }), ended.promise)))
    return await answersOf(spec, rows, signal, ended.promise)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

const SLOW: FunctionAnswer = { later: 'slow', reason: 'it took longer than it may' }

async function answerOf(
  spec: FunctionSpec,
  run: () => Promise<Answered> | Answered,
  ended: Promise<typeof ENDED>,
): Promise<FunctionAnswer> {
  try {
    const value = await Promise.race([Promise.resolve(run()), ended])
    return value === ENDED ? SLOW : read(spec, value)
  } catch (error) {
    return failed(error)
  }
}

async function answersOf(
  spec: FunctionSpec,
  rows: readonly Readonly<Record<string, JsonValue>>[],
  signal: AbortSignal,
  ended: Promise<typeof ENDED>,
): Promise<readonly FunctionAnswer[]> {
  try {
    const values = await Promise.race([spec.runBatch?.(rows, { signal }) ?? [], ended])
    if (values === ENDED) return rows.map(() => SLOW)
    if (Array.isArray(values) && values.length === rows.length) return values.map((value: Answered) => read(spec, value))
    const reason = `runBatch answered ${Array.isArray(values) ? values.length : 'no list of'} rows of ${rows.length}`
    return rows.map(() => ({ error: '#VALUE!', reason }))
  } catch (error) {
    return rows.map(() => failed(error))
  }
}

function named({ declared }: FunctionSpec, row: readonly JsonValue[]): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(declared.params.map(({ name }, i) => [name, row[i] ?? null]))
}

function failed(error: unknown): FunctionAnswer {
  const reason = error instanceof Error ? error.message : String(error)
  return isTryLater(error) ? { later: 'unavailable', reason } : { error: '#VALUE!', reason }
}

/** What it returned as an answer; whether that fits the result's type is checked by whoever called. */
function read({ declared }: FunctionSpec, value: Answered): FunctionAnswer {
  const { type } = declared.result.type
  if (value === undefined) return { value: null }
  if (typeof value === 'bigint') return { value: String(value) }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { error: '#NUM!', reason: `it answered ${value}` }
    return { value: (type === 'decimal' || type === 'bigint') && Number.isSafeInteger(value) ? String(value) : value + 0 }
  }
  if (isJsonError(value) && isCellErrorKind(value.e)) return { error: value.e, reason: 'it answered an error' }
  return { value }
}

const ENDED: unique symbol = Symbol('sheetflow.ended')

/** Resolves when the signal aborts; to be disposed of, for the signal outlives the call. */
function endOf(signal: AbortSignal): Disposable & { readonly promise: Promise<typeof ENDED> } {
  const { promise, resolve } = Promise.withResolvers<typeof ENDED>()
  const end = (): void => resolve(ENDED)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return { promise, [Symbol.dispose]: () => signal.removeEventListener('abort', end) }
}
