import type { Expr, ExprType } from '../bound.ts'
import { partsOf } from '../expr-parts.ts'
import { functionNamed } from '../functions/catalogue.ts'
import type { FunctionDefinition } from '../functions/definition.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import { ANY, widenAll } from '../value/type-rules.ts'
import { checkArity } from './bind-call.ts'
import { lambdaOf } from './bind-lambda.ts'
import type { Binding } from './binding.ts'
import { BLANK, OMITTED } from './build.ts'
import { Locals, type Lambda } from './locals.ts'

const INT: ExprType = { type: { type: 'int' }, nullable: false }

/** MAP, REDUCE, SCAN, BYROW, BYCOL, MAKEARRAY: the last argument is a LAMBDA, or the name of a function. */
export function bindOver(binding: Binding, definition: FunctionDefinition, node: CallNode, locals: Locals): Expr {
  if (!checkArity(binding, definition, node.args.length, node.nameRange)) return BLANK
  const [last] = node.args.slice(-1)
  const args = node.args.slice(0, -1).map((arg) => binding.array(arg, locals))
  if (last === undefined) return BLANK
  const lambda = functionOf(binding, last, locals, parametersOf(definition.name, args.length))
  if (lambda === null) return BLANK
  return definition.name === 'REDUCE' || definition.name === 'SCAN'
    ? bindFold(binding, definition.name, args, lambda, last)
    : bindEach(binding, definition.name, args, lambda, last)
}

function parametersOf(name: string, args: number): number {
  return name === 'MAP' ? args : name === 'BYROW' || name === 'BYCOL' ? 1 : 2
}

/** The LAMBDA, or one made of a function's name (`BYROW(x, SUM)`). Null after it was reported. */
function functionOf(binding: Binding, node: Node, locals: Locals, count: number): Lambda | null {
  const given = lambdaOf(binding, node, locals)
  const lambda = given === undefined && node.kind === 'name' ? namedFunction(node, count) : given
  if (lambda === undefined || lambda === null) {
    if (lambda === undefined && node.kind !== 'hole')
      binding.error('formula/type', node, 'a function is needed here', {
        fix: `write LAMBDA(${'abcdefgh'.slice(0, count).split('').join(', ')}, …)`,
      })
    return null
  }
  if (lambda.required <= count && count <= lambda.params.length) return lambda
  binding.error(
    'formula/arguments',
    node,
    `this LAMBDA is given ${count} value${count === 1 ? '' : 's'} and takes ${lambda.params.length}`,
    {
      fix: `give it ${count} parameter${count === 1 ? '' : 's'}`,
    },
  )
  return null
}

function namedFunction(node: Node & { kind: 'name' }, count: number): Lambda | undefined {
  if (functionNamed(node.name) === undefined) return undefined
  const params = Array.from({ length: count }, (_, index) => `p${index + 1}`)
  const { name, start, end } = node
  const args = params.map((param) => ({ kind: 'name' as const, name: param, start, end }))
  return {
    params,
    required: count,
    body: { kind: 'call', name, nameRange: { start, end }, args, start, end },
    locals: Locals.NONE,
    name: null,
  }
}

function bindEach(binding: Binding, fn: string, args: readonly Expr[], lambda: Lambda, place: Node): Expr {
  const inputs = inputsOf(fn, args)
  const { slots, body } = bindBody(binding, lambda, inputs, place)
  return { kind: 'over', fn, args, slots, inputs, body, type: body.type, nullable: body.nullable, array: true }
}

function inputsOf(fn: string, args: readonly Expr[]): readonly ExprType[] {
  if (fn === 'MAKEARRAY') return [INT, INT]
  if (fn === 'MAP') return args.map((arg) => ({ type: arg.type, nullable: arg.nullable }))
  const [arg] = args
  return [{ type: arg?.type ?? null, nullable: arg?.nullable ?? true, array: true }]
}

/** The value so far has one type: that of the first value and of what the LAMBDA makes of it, else `any`. */
function bindFold(binding: Binding, fn: string, args: readonly Expr[], lambda: Lambda, place: Node): Expr {
  const [start, over] = args
  if (start === undefined || over === undefined) return BLANK
  const cell: ExprType = { type: over.type, nullable: over.nullable }
  let kept: ExprType = start.kind === 'const' && start.value === null ? { type: null, nullable: true } : shapeOf(start)
  let bound = bindBody(binding, lambda, [kept, cell], place)
  for (let round = 0; round < 2; round++) {
    const wider = withShape(widenAll([kept, bound.body]) ?? { type: ANY, nullable: true }, bound.body)
    if (sameShape(wider, kept)) break
    kept = round === 0 ? wider : withShape({ type: ANY, nullable: true }, wider)
    bound = bindBody(binding, lambda, [kept, cell], place)
  }
  const result = fn === 'SCAN' ? { type: kept.type, nullable: kept.nullable, array: true as const } : kept
  return { kind: 'over', fn, args, slots: bound.slots, inputs: [kept, cell], body: bound.body, ...result }
}

function shapeOf({ type, nullable, array }: ExprType): ExprType {
  return array === true ? { type, nullable, array } : { type, nullable }
}

function withShape({ type, nullable }: ExprType, like: ExprType): ExprType {
  return like.array === true ? { type, nullable, array: true } : { type, nullable }
}

function sameShape(a: ExprType, b: ExprType): boolean {
  return a.type?.type === b.type?.type && (a.nullable || !b.nullable) && a.array === b.array
}

function bindBody(binding: Binding, lambda: Lambda, inputs: readonly ExprType[], place: Node): { slots: readonly number[]; body: Expr } {
  const slots = inputs.map(() => binding.slot(null))
  let locals = lambda.locals
  for (const [index, name] of lambda.params.entries()) {
    const [input, slot] = [inputs[index], slots[index]]
    const expr: Expr = input === undefined || slot === undefined ? OMITTED : { kind: 'local', slot, ...input }
    locals = locals.with(name, { kind: 'value', expr })
  }
  const body = binding.shaped(lambda.body, locals)
  if (binding.scope.dynamic !== true && asksTables(body, new Set(slots))) {
    binding.error('formula/not-allowed', place, 'a LAMBDA over an array cannot ask tables or functions about its cells', {
      why: 'what a row asks must be known before its arrays are gone through',
      fix: 'add a column with the XLOOKUP, the SUMIFS or the call, and use that',
    })
  }
  return { slots, body }
}

/** Does a lookup, an aggregate or the call of an asynchronous function depend on the LAMBDA's parameters? */
function asksTables(expr: Expr, slots: ReadonlySet<number>): boolean {
  if ((expr.kind === 'lookup' || expr.kind === 'aggregate' || expr.kind === 'async') && reads(expr, slots)) return true
  return partsOf(expr).some((part) => asksTables(part, slots))
}

function reads(expr: Expr, slots: ReadonlySet<number>): boolean {
  if (expr.kind === 'local') return slots.has(expr.slot)
  return partsOf(expr).some((part) => reads(part, slots))
}
