import { must } from '@sheetflow/core/assert'
import type { Expr, ExprType } from '../bound.ts'
import type { Range } from '../diagnostic.ts'
import type { CallNode, Node } from '../syntax/node.ts'
import type { Binding } from './binding.ts'
import { BLANK, OMITTED } from './build.ts'
import { Locals, type Lambda } from './locals.ts'
import { optionalParameter } from './optional-parameter.ts'
import { isWholeColumn, unalias } from './resolve.ts'

/** `LET(name, value, …, formula)`: each value is computed once, functions and tables get a second name. */
export function bindLet(binding: Binding, node: CallNode, locals: Locals): Expr {
  if (node.args.length < 3 || node.args.length % 2 === 0) {
    binding.error('formula/arguments', node.nameRange, 'LET takes pairs of name and value, and a formula at the end', {
      fix: 'LET(name, value, …, formula)',
    })
    return BLANK
  }
  return bindPairs(binding, node.args, locals)
}

function bindPairs(binding: Binding, args: readonly Node[], outer: Locals): Expr {
  const kept: { readonly slot: number; readonly value: Expr }[] = []
  let locals = outer
  for (let at = 0; at < args.length - 1; at += 2) {
    const name = parameterName(binding, must(args[at], 'LET has pairs'))
    const value = must(args[at + 1], 'LET has pairs')
    if (name === null) return BLANK
    const lambda = lambdaOf(binding, value, locals)
    if (lambda === null) return BLANK
    if (lambda !== undefined) locals = locals.with(name, { kind: 'lambda', lambda })
    else if (isWholeColumn(value, locals) && binding.filtered === null) locals = locals.with(name, { kind: 'alias', node: value, locals })
    else {
      const bound = once(binding, binding.array(value, locals))
      if (bound.slot !== null) kept.push({ slot: bound.slot, value: bound.value })
      locals = locals.with(name, { kind: 'value', expr: bound.read })
    }
  }
  const body = binding.shaped(must(args.at(-1), 'LET has a formula at its end'), locals)
  return kept.reduceRight<Expr>((inner, { slot, value }) => named(binding, slot, value, inner), body)
}

/** A value that is computed once, and how it is read. What only has to be read (constants, columns, other names) stands for itself. */
function once(binding: Binding, value: Expr): { readonly value: Expr; readonly slot: number | null; readonly read: Expr } {
  if (value.kind === 'const' || value.kind === 'grid' || value.kind === 'column' || value.kind === 'local')
    return { value, slot: null, read: value }
  const slot = binding.slot(value)
  return { value, slot, read: { kind: 'local', slot, ...typeOf(value) } }
}

function bindOnce(binding: Binding, name: string, value: Expr, locals: Locals, bindBody: (locals: Locals) => Expr): Expr {
  const { slot, read } = once(binding, value)
  const body = bindBody(locals.with(name, { kind: 'value', expr: read }))
  return slot === null ? body : named(binding, slot, value, body)
}

/** Where the body, which is bound, reads the name with all its digits the value has them. */
function named(binding: Binding, slot: number, value: Expr, body: Expr): Expr {
  return { kind: 'let', slot, value: binding.unrounded.get(slot) ?? value, body, ...typeOf(body) }
}

function typeOf({ type, nullable, array }: ExprType): ExprType {
  return array === true ? { type, nullable, array } : { type, nullable }
}

function parameterName(binding: Binding, node: Node): string | null {
  if (node.kind === 'name') return node.name
  if (node.kind !== 'hole')
    binding.error('formula/arguments', node, 'a name is needed here', { fix: 'names begin with a letter and hold letters, digits and _' })
  return null
}

/** `2 arguments`, `1 to 2 arguments`. */
function takesText({ params, required }: Lambda): string {
  const least = required === params.length ? '' : `${required} to `
  return `${least}${params.length} argument${params.length === 1 ? '' : 's'}`
}

function parametersText({ params, required }: Lambda): string {
  return params.map((param, index) => (index < required ? param : `[${param}]`)).join(', ')
}

/**
 * The function that a node stands for: a LAMBDA written here, or a name for one. Undefined: it is no function. Null: it is one, with errors
 * that have been reported.
 */
export function lambdaOf(binding: Binding, node: Node, locals: Locals): Lambda | null | undefined {
  const { node: target, locals: known } = unalias(node, locals)
  if (target.kind === 'name') {
    const local = known.find(target.name)
    if (local !== undefined) return local.kind === 'lambda' ? local.lambda : undefined
    return namedLambda(binding, target.name)
  }
  if (target.kind !== 'call' || target.name.toUpperCase() !== 'LAMBDA') return undefined
  return readLambda(binding, target, known, null)
}

/** A function of that name under `values`; undefined if there is none. */
export function namedLambda(binding: Binding, name: string): Lambda | null | undefined {
  const named = binding.scope.named(name)
  if (named?.kind !== 'function' || named.node.kind !== 'call') return undefined
  return readLambda(binding, named.node, Locals.NONE, named.name)
}

function readLambda(binding: Binding, node: CallNode, locals: Locals, name: string | null): Lambda | null {
  const body = node.args.at(-1)
  if (body === undefined) {
    binding.error('formula/arguments', node.nameRange, 'LAMBDA needs a formula', { fix: 'LAMBDA(parameter, …, formula)' })
    return null
  }
  const params: string[] = []
  let required = 0
  for (const [index, param] of node.args.slice(0, -1).entries()) {
    const optional = optionalParameter(param)
    const known = optional ?? parameterName(binding, param)
    if (known === null) return null
    if (params.some((one) => one.toLowerCase() === known.toLowerCase())) {
      binding.error('formula/arguments', param, `the parameter "${known}" is there twice`)
      return null
    }
    params.push(known)
    if (optional === null) required = index + 1
  }
  return { params, required, body, locals, name }
}

/** Puts the function's formula in place of its call; arguments are computed once. */
export function bindLambdaCall(binding: Binding, lambda: Lambda, args: readonly Node[], locals: Locals, site: Range): Expr {
  const label = lambda.name ?? 'this function'
  if (args.length < lambda.required || args.length > lambda.params.length) {
    binding.error('formula/arguments', site, `${label} takes ${takesText(lambda)} and has ${args.length}`, {
      fix: `${lambda.name ?? 'LAMBDA'}(${parametersText(lambda)})`,
    })
    return BLANK
  }
  return bindArguments(binding, lambda, args, locals, site, 0, lambda.locals)
}

function bindArguments(
  binding: Binding,
  lambda: Lambda,
  args: readonly Node[],
  outer: Locals,
  site: Range,
  at: number,
  inner: Locals,
): Expr {
  const name = lambda.params[at]
  if (name === undefined) {
    const bindBody = (): Expr => binding.inBody(lambda.name ?? 'this function', site, () => binding.shaped(lambda.body, inner))
    return lambda.name === null ? bindBody() : binding.inside(lambda.name, site, bindBody)
  }
  const next = (locals: Locals): Expr => bindArguments(binding, lambda, args, outer, site, at + 1, locals)
  const arg = args[at]
  if (arg === undefined) return next(inner.with(name, { kind: 'value', expr: OMITTED }))
  const passed = lambdaOf(binding, arg, outer)
  if (passed !== undefined) return passed === null ? BLANK : next(inner.with(name, { kind: 'lambda', lambda: passed }))
  if (isWholeColumn(arg, outer) && binding.filtered === null) return next(inner.with(name, { kind: 'alias', node: arg, locals: outer }))
  return bindOnce(binding, name, binding.shaped(arg, outer), inner, next)
}
