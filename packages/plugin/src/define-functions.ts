import { durationOf, invalidDefinition, isNamed, readDefinition } from '@sheetflow/core/definition'
import type { SheetflowError } from '@sheetflow/core/errors'
import type { OnPending } from '@sheetflow/core/function-signature'
import type { DeclaredFunction } from '@sheetflow/core/ports/functions'
import { SENT_TYPES } from '@sheetflow/core/sent-type'
import type { SentType } from '@sheetflow/core/sent-type'
import type { JsonValue } from '@sheetflow/core/value'
import { readSentType } from './function-types.ts'
import type { ArgumentsOf, ParameterShape } from './function-types.ts'

/** How long a call may take: milliseconds, or text like `2 s`. */
export type Timeout = number | `${number} ${'ms' | 's' | 'min' | 'h'}`

/** What a function is given beside its arguments. */
export interface CallContext {
  /** Aborts when its time is up, or the graph ends. */
  readonly signal: AbortSignal
}

/** What a function answers: a value in JSON form, `{e: "#N/A"}` for an error, undefined for Blank. */
export type Answered = JsonValue | bigint | undefined

/** One function as its author writes it. Exactly one of `run` and `runBatch`. */
export interface FunctionDefinition<S extends ParameterShape> {
  /** Answers are remembered by it: a function that answers otherwise than before is another version. */
  readonly version: string
  readonly params: S
  readonly result: SentType
  /** What a cell shows while it waits (docs/formulas.md). Default `hold`. */
  readonly onPending?: OnPending
  /** Rows of one call at most; default 256. */
  readonly maxBatch?: number
  /** Default 2 s. */
  readonly timeout?: Timeout
  /** One line for editors. */
  readonly help?: string
  /** Answers one row. What it throws is `#VALUE!` in that row; `TryLater`: the row goes on waiting and is asked again. */
  readonly run?: (args: ArgumentsOf<S>, context: CallContext) => Promise<Answered> | Answered
  /** Answers several rows at once, in their order. What it throws concerns all of them. */
  readonly runBatch?: (rows: readonly ArgumentsOf<S>[], context: CallContext) => Promise<readonly Answered[]>
}

type Named = Readonly<Record<string, JsonValue>>

/** A checked function. */
export interface FunctionSpec {
  readonly declared: DeclaredFunction
  readonly run: ((args: Named, context: CallContext) => Promise<Answered> | Answered) | null
  readonly runBatch: ((rows: readonly Named[], context: CallContext) => Promise<readonly Answered[]>) | null
}

/** The functions of a project, by name. */
export type FunctionSet = ReadonlyMap<string, FunctionSpec>

const MAX_BATCH = 256
const TIMEOUT_MS = 2_000
const PENDING: readonly OnPending[] = ['hold', 'busy', 'stale']

/**
 * Checks the functions of a project: the default export of the file that `functions:` names. `config/invalid` says which function and field is wrong.
 */
export function defineFunctions<const M extends Readonly<Record<string, ParameterShape>>>(functions: {
  readonly [N in keyof M]: FunctionDefinition<M[N]>
}): FunctionSet {
  return new Map(Object.entries<unknown>(functions).map(([name, definition]) => [name, checked(name, definition)]))
}

/** A definition may come from JavaScript, so everything is looked at. */
function checked(name: string, given: unknown): FunctionSpec {
  const definition = readDefinition('function', name, given, 'version, params, result, run')
  const { version, params, result, onPending = 'hold', maxBatch = MAX_BATCH, timeout = TIMEOUT_MS, help, run, runBatch } = definition
  if (typeof version !== 'string' || version === '') throw invalid(name, 'version', 'is missing', "Write version: '1'.")
  if (!isNamed(params)) throw invalid(name, 'params', 'is missing', 'Name the parameters and their types, or write {}.')
  if (!PENDING.some((one) => one === onPending)) throw invalid(name, 'onPending', 'is unknown', `Write one of ${PENDING.join(', ')}.`)
  if (!Number.isSafeInteger(maxBatch) || (maxBatch as number) < 1)
    throw invalid(name, 'maxBatch', 'is no count', 'Write a whole number of rows, at least 1.')
  if (help !== undefined && typeof help !== 'string') throw invalid(name, 'help', 'is no text', 'Write one line.')
  if ((typeof run === 'function') === (typeof runBatch === 'function'))
    throw invalid(name, 'run', 'must be one function', 'Write either run: async (args) => … or runBatch: async (rows) => ….')
  return {
    declared: {
      name,
      version,
      params: Object.entries(params).map(([param, type]) => ({ name: param, ...typeOf(name, `params.${param}`, type) })),
      result: typeOf(name, 'result', result),
      onPending: onPending as OnPending,
      maxBatch: maxBatch as number,
      timeoutMs: timeoutMs(name, timeout),
      ...(help === undefined ? {} : { help }),
    },
    run: typeof run === 'function' ? (run as NonNullable<FunctionSpec['run']>) : null,
    runBatch: typeof runBatch === 'function' ? (runBatch as NonNullable<FunctionSpec['runBatch']>) : null,
  }
}

function typeOf(name: string, field: string, type: unknown): NonNullable<ReturnType<typeof readSentType>> {
  const read = readSentType(type)
  if (read !== null) return read
  throw invalid(
    name,
    field,
    `has the unknown type '${String(type)}'`,
    `Types are: ${SENT_TYPES.join(' ')}; with ? behind it it may be Blank.`,
  )
}

function timeoutMs(name: string, timeout: unknown): number {
  const ms = durationOf(timeout)
  if (ms !== null) return ms
  throw invalid(name, 'timeout', 'is no duration', 'Write "2 s", "500 ms" or milliseconds.')
}

function invalid(name: string, field: string, what: string, fix: string): SheetflowError {
  return invalidDefinition('function', name, field, what, fix)
}
