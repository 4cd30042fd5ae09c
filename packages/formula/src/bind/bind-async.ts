import type { FunctionParameter } from '@sheetflow/core/function-signature'
import type { Expr } from '../bound.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { computedType, isNumberType, isTextType, typeLabel, widenAll } from '../value/type-rules.ts'
import { checkArity } from './bind-call.ts'
import type { Binding } from './binding.ts'
import { BLANK } from './build.ts'
import { asDay, asLocal, asMoment, asTimestamp, constantDate } from './calendar.ts'
import type { Declared } from './declared.ts'
import type { Locals } from './locals.ts'

/** The call of an asynchronous function: arguments of the very kinds that it declares, since they are sent elsewhere. */
export function bindAsync(binding: Binding, { name, signature, definition }: Declared, node: CallNode, locals: Locals): Expr {
  if (!checkArity(binding, definition, node.args.length, node.nameRange)) return BLANK
  const { version, params, result, onPending } = signature
  const args = params.map((param, index) => argument(binding, definition.name, param, node.args[index] ?? node, locals))
  if (args.includes(null)) return BLANK
  return {
    kind: 'async',
    fn: name,
    version,
    args: args.filter((arg) => arg !== null),
    params: params.map(({ type, nullable }) => ({ type, nullable })),
    onPending,
    type: computedType(result.type),
    nullable: result.nullable,
  }
}

/** Null after it was reported that it is of another kind. */
function argument(binding: Binding, fn: string, param: FunctionParameter, node: Node, locals: Locals): Expr | null {
  const expr = inCalendar(binding.value(node, locals), param, binding.scope.timeZone)
  const { type } = param
  const fits = expr.type === null || widenAll([{ type, nullable: false }, expr])?.type?.type === type.type
  if (fits) return expr
  binding.error('formula/type', node, `${fn}: "${param.name}" is ${typeLabel(type)}, and this is ${typeLabel(expr.type)}`, {
    fix: fixOf(param, expr),
  })
  return null
}

/** Days and times as the parameter takes them. */
function inCalendar(expr: Expr, { type }: FunctionParameter, timeZone: string): Expr {
  switch (type.type) {
    case 'date':
      return asDay(constantDate(expr) ?? expr, timeZone)
    case 'timestamp':
      return asTimestamp(constantDate(expr) ?? expr, timeZone)
    case 'timestamptz':
      return asMoment(constantDate(expr) ?? expr, timeZone)
    default:
      return asLocal(expr, timeZone)
  }
}

function fixOf({ type }: FunctionParameter, expr: Expr): string {
  if (isTextType(type)) return 'make it a text: TEXT(…) or ""&…'
  if (isNumberType(type) && isTextType(expr.type)) return 'VALUE(…) reads a text as a number'
  if (isNumberType(type) && isNumberType(expr.type)) return `declare the parameter as ${typeLabel(expr.type)}, or convert it here`
  return `give it a ${typeLabel(type)}`
}
