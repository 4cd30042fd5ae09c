import { declaredFunction } from '../bind/declared.ts'
import type { Scope } from '../bind/scope.ts'
import type { Range } from '../diagnostic.ts'
import { functionNamed } from '../functions/catalogue.ts'
import { parameterOf, signature, type FunctionDefinition } from '../functions/definition.ts'
import { parseFormula } from '../syntax/parse.ts'
import { cursorAt } from './cursor.ts'
import { callText, lambdaParameters } from './describe.ts'
import { openNames, type OpenCall, type OpenName } from './open-calls.ts'

/** The call around the cursor. */
export interface SignatureHelp {
  /** The function's name as it is written, and its place. */
  readonly name: string
  readonly range: Range
  /** `ROUND(number, [digits])` */
  readonly label: string
  readonly help: string
  readonly parameters: readonly { readonly name: string; readonly optional: boolean }[]
  /** Which argument the cursor is in, counted from 0. */
  readonly argument: number
  /** Index in `parameters` of the one that takes it (the last ones may come again and again); null: there are too many. */
  readonly parameter: number | null
}

/** The innermost call that is open at an offset: a function of Excel, of the workbook, or one that LET names. Null if there is none that is known. */
export function signatureAt(text: string, offset: number, scope: Scope): SignatureHelp | null {
  const { open } = cursorAt(text, offset)
  const at = open.findLastIndex((one) => one.name !== null)
  const call = open[at]
  if (call === undefined || call.name === null) return null
  const { name } = call
  const local = openNames(open.slice(0, at)).find((one) => one.name.toLowerCase() === name.text.toLowerCase())
  if (local !== undefined) return ofLambda(call, name, localParameters(text, local), 'a function given by LET')
  const definition = functionNamed(name.text)
  if (definition !== undefined) return ofDefinition(call, name, definition)
  const named = scope.named(name.text)
  if (named?.kind === 'function') return ofLambda(call, name, lambdaParameters(named.node), 'a function of this workbook')
  const declared = declaredFunction(scope, name.text)
  return declared === undefined ? null : ofDefinition(call, name, declared.definition)
}

function ofDefinition(call: OpenCall, { text, start, end }: NonNullable<OpenCall['name']>, definition: FunctionDefinition): SignatureHelp {
  const argument = call.args.length - 1
  const parameter = parameterOf(definition, argument)
  return {
    name: text,
    range: { start, end },
    label: signature(definition),
    help: definition.help,
    parameters: definition.params.map((one) => ({ name: one.name, optional: one.optional === true })),
    argument,
    parameter: parameter === undefined ? null : definition.params.indexOf(parameter),
  }
}

function ofLambda(
  call: OpenCall,
  { text, start, end }: NonNullable<OpenCall['name']>,
  params: readonly string[] | null,
  help: string,
): SignatureHelp | null {
  if (params === null) return null
  const argument = call.args.length - 1
  return {
    name: text,
    range: { start, end },
    label: callText(text, params),
    help,
    parameters: params.map((name) => ({ name: name.replace(/^\[|\]$/g, ''), optional: name.startsWith('[') })),
    argument,
    parameter: argument < params.length ? argument : null,
  }
}

function localParameters(text: string, { value }: OpenName): readonly string[] | null {
  const [first, last] = [value?.[0], value?.at(-1)]
  return first === undefined || last === undefined ? null : lambdaParameters(parseFormula(text.slice(first.start, last.end)).node)
}
