import { durationOf, invalidDefinition, isNamed, readDefinition } from '@sheetflow/core/definition'
import type { SheetflowError } from '@sheetflow/core/errors'
import type { CommandContext, CommandHandler } from '@sheetflow/core/ports/target'
import { SENT_TYPES } from '@sheetflow/core/sent-type'
import type { JsonValue } from '@sheetflow/core/value'
import { isPayloadType, type PayloadOf, type PayloadShape } from './payload.ts'

/** How long a command may wait or run: milliseconds, or text like `60 s`, `5 min`. */
export type Duration = number | `${number} ${'ms' | 's' | 'min' | 'h'}`

/** What a function handler is given: the business transaction, the typed payload, the verified claims of the user. */
export type RunContext<S extends PayloadShape> = Omit<CommandContext, 'payload'> & { readonly payload: PayloadOf<S> }

/** One command as its author writes it (FORMATS 9). */
export interface CommandDefinition<S extends PayloadShape> {
  readonly payload: S
  /** Roles that may send it. */
  readonly allow: readonly string[]
  /** Commands with the same text run one after the other. Default: the user. */
  readonly order?: (payload: PayloadOf<S>) => string
  /** Default `60 s`. */
  readonly validFor?: Duration
  /** How long it may run; then it is rolled back and `failed`. Default `30 s`. */
  readonly timeout?: Duration
  /** SQL with `:field` and `:user.claim`, or a function. What a function returns (anything that JSON can hold) is the result; it refuses by throwing `Rejected`. */
  readonly run: string | ((context: RunContext<S>) => Promise<unknown>)
}

/** A checked command. */
export interface CommandSpec {
  readonly name: string
  readonly payload: PayloadShape
  readonly allow: readonly string[]
  readonly order: ((payload: Readonly<Record<string, JsonValue>>) => string) | null
  readonly validForMs: number
  readonly handler: CommandHandler
}

/** The commands of one source, by name. */
export type CommandSet = ReadonlyMap<string, CommandSpec>

const VALID_FOR_MS = 60_000

/** Names that mean something else in SQL handlers (`:user.tenant`, `:command.id`). */
const RESERVED = ['user', 'command']

/**
 * Checks the commands of a source: the default export of the file that `commands:` names. `config/invalid` says which command and field is wrong.
 */
export function defineCommands<const M extends Readonly<Record<string, PayloadShape>>>(commands: {
  readonly [N in keyof M]: CommandDefinition<M[N]>
}): CommandSet {
  return new Map(Object.entries<unknown>(commands).map(([name, definition]) => [name, checked(name, definition)]))
}

/** A definition may come from JavaScript, so everything is looked at. */
function checked(name: string, given: unknown): CommandSpec {
  const { payload, allow, order, validFor, timeout, run } = readDefinition('command', name, given, 'payload, allow, run')
  if (!isNamed(payload)) throw invalid(name, 'payload', 'is missing', 'Name its fields and their types, or write {}.')
  for (const [field, type] of Object.entries(payload)) checkField(name, field, type)
  if (!Array.isArray(allow) || !allow.every((role) => typeof role === 'string')) {
    throw invalid(name, 'allow', 'is missing', 'Name the roles that may send it: allow: ["clerk"].')
  }
  if (order !== undefined && typeof order !== 'function')
    throw invalid(name, 'order', 'is not a function', 'Write order: (payload) => `order:${payload.id}`.')
  if (typeof run !== 'string' && typeof run !== 'function')
    throw invalid(name, 'run', 'is neither SQL nor a function', 'Write the SQL or an async function.')
  const timeoutMs = durationMs(name, 'timeout', timeout)
  return {
    name,
    payload: payload as PayloadShape,
    allow,
    order: (order as CommandSpec['order'] | undefined) ?? null,
    validForMs: durationMs(name, 'validFor', validFor) ?? VALID_FOR_MS,
    handler: {
      name,
      ...(timeoutMs === null ? {} : { timeoutMs }),
      ...(typeof run === 'string' ? { sql: run } : { run: run as NonNullable<CommandHandler['run']> }),
    },
  }
}

function checkField(name: string, field: string, type: unknown): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(field)) throw invalid(name, `payload.${field}`, 'is not a name', 'Use letters, digits and _.')
  if (RESERVED.includes(field)) throw invalid(name, `payload.${field}`, 'is a reserved name', 'Choose another one.')
  if (isPayloadType(type)) return
  throw invalid(
    name,
    `payload.${field}`,
    `has the unknown type '${String(type)}'`,
    `Types are: ${SENT_TYPES.join(' ')}; with ? behind it the field may be absent.`,
  )
}

/** Null if it is not given. */
function durationMs(name: string, field: 'validFor' | 'timeout', given: unknown): number | null {
  if (given === undefined) return null
  const ms = durationOf(given)
  if (ms !== null) return ms
  throw invalid(name, field, 'is no duration', 'Write "60 s", "5 min" or milliseconds.')
}

function invalid(name: string, field: string, what: string, fix: string): SheetflowError {
  return invalidDefinition('command', name, field, what, fix)
}
