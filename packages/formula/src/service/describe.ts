import { optionalParameter } from '../bind/optional-parameter.ts'
import type { NamedLookup, ScopeColumn } from '../bind/scope.ts'
import type { ExprType } from '../bound.ts'
import type { Node } from '../syntax/node.ts'
import { typeLabel } from '../value/type-rules.ts'

/** `decimal`, or `decimal or Blank`. */
export function typeText({ type, nullable }: ExprType): string {
  return type === null || !nullable ? typeLabel(type) : `${typeLabel(type)} or Blank`
}

/** The static type of a column. */
export function typeOfColumn({ type, nullable }: ScopeColumn): ExprType {
  return { type, nullable }
}

/** The static type of a name under `values`; null for functions and for what has errors. */
export function typeOfNamed(named: NonNullable<NamedLookup>): ExprType | null {
  switch (named.kind) {
    case 'constant':
      return { type: named.type, nullable: named.value === null }
    case 'formula':
    case 'own':
      return typeOfColumn(named.column)
    default:
      return null
  }
}

/** The parameters of a LAMBDA, `[y]` where one may be left out; null for any other node. */
export function lambdaParameters(node: Node): readonly string[] | null {
  if (node.kind !== 'call' || node.name.toUpperCase() !== 'LAMBDA') return null
  return node.args.slice(0, -1).flatMap((arg) => {
    const optional = optionalParameter(arg)
    return optional !== null ? [`[${optional}]`] : arg.kind === 'name' ? [arg.name] : []
  })
}

/** `GROSS(net)`. */
export function callText(name: string, params: readonly string[]): string {
  return `${name}(${params.join(', ')})`
}
