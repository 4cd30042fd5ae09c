import { declaredFunction } from '../bind/declared.ts'
import { optionalParameter } from '../bind/optional-parameter.ts'
import type { NamedLookup, Scope, ScopeRelation } from '../bind/scope.ts'
import type { Range } from '../diagnostic.ts'
import { functionNamed } from '../functions/catalogue.ts'
import type { FunctionDefinition } from '../functions/definition.ts'
import { childrenOf } from '../syntax/children.ts'
import type { CallNode, ColumnName, Node, ReferenceNode } from '../syntax/node.ts'
import type { ParsedFormula } from '../syntax/parse.ts'

/** A name that LET or LAMBDA gives inside the formula: `declared` is where, `value` what LET gives it (null: a parameter). */
export interface LocalName {
  readonly name: string
  readonly declared: Range
  readonly value: Node | null
}

/** A name in a formula: its place, what it means, and the names of LET and LAMBDA that are known there (lower case). */
export type Occurrence = {
  readonly range: Range
  readonly name: string
  readonly locals: ReadonlyMap<string, LocalName>
} & (
  | { readonly kind: 'column'; readonly relation: ScopeRelation | null; readonly reference: ReferenceNode }
  /** `range` is that of the table's own name, `whole` has the source with it. */
  | { readonly kind: 'table'; readonly relation: ScopeRelation | null; readonly whole: Range }
  | { readonly kind: 'value'; readonly named: NonNullable<NamedLookup>; readonly call: CallNode | null }
  | { readonly kind: 'function'; readonly definition: FunctionDefinition; readonly call: CallNode }
  | { readonly kind: 'local'; readonly local: LocalName }
  | { readonly kind: 'unknown' }
)

/**
 * Every name in a formula, in the order of the text, as the binder understands it. Without a scope, tables have no relation and values are
 * unknown. Never throws; what is missing (holes) has no names.
 */
export function occurrencesOf(formula: ParsedFormula, scope: Scope | null): readonly Occurrence[] {
  const walk = new Walk(formula.text, scope)
  walk.visit(formula.node, { locals: new Map(), own: scope?.row ?? null })
  return walk.found.toSorted((a, b) => a.range.start - b.range.start)
}

/** What is known at a node. `own`: the table of a reference that names none. */
interface Context {
  readonly locals: ReadonlyMap<string, LocalName>
  readonly own: ScopeRelation | null
}

class Walk {
  readonly found: Occurrence[] = []
  readonly #text: string
  readonly #scope: Scope | null

  constructor(text: string, scope: Scope | null) {
    this.#text = text
    this.#scope = scope
  }

  visit(node: Node, context: Context): void {
    switch (node.kind) {
      case 'name':
        this.#name(node, context)
        return
      case 'reference':
        this.#reference(node, context)
        return
      case 'call':
        this.#call(node, context)
        return
      default:
        for (const child of childrenOf(node)) this.visit(child, context)
    }
  }

  #name(node: Node & { kind: 'name' }, { locals }: Context): void {
    const place = { range: bare(this.#text, node), name: node.name, locals }
    const local = locals.get(node.name.toLowerCase())
    if (local !== undefined) {
      this.found.push({ ...place, kind: 'local', local })
      return
    }
    const named = this.#scope?.named(node.name) ?? null
    if (named !== null) {
      this.found.push({ ...place, kind: 'value', named, call: null })
      return
    }
    const relation = this.#relation(null, node.name)
    this.found.push(relation === null ? { ...place, kind: 'unknown' } : { ...place, kind: 'table', relation, whole: place.range })
  }

  #reference(node: ReferenceNode, { locals, own }: Context): void {
    const { source, table, column, to } = node
    const relation = table === null ? own : this.#relation(source, table.name)
    if (table !== null) {
      const whole = { start: (source ?? table).start, end: table.end }
      this.found.push({ kind: 'table', range: rangeOf(table), name: table.name, locals, relation, whole })
    }
    for (const one of [column, to])
      if (one !== null) this.found.push({ kind: 'column', range: rangeOf(one), name: one.name, locals, relation, reference: node })
  }

  #call(node: CallNode, context: Context): void {
    this.#callee(node, context)
    const name = node.name.toUpperCase()
    if (name === 'LET' && !context.locals.has('let')) this.#let(node.args, context)
    else if (name === 'LAMBDA' && !context.locals.has('lambda')) this.#lambda(node.args, context)
    else if (name === 'FILTER') this.#filter(node.args, context)
    else for (const arg of node.args) this.visit(arg, context)
  }

  #callee(node: CallNode, { locals }: Context): void {
    const place = { range: rangeOf(node.nameRange), name: node.name, locals }
    const local = locals.get(node.name.toLowerCase())
    const definition = functionNamed(node.name)
    const named = definition === undefined ? (this.#scope?.named(node.name) ?? null) : null
    const declared = this.#scope === null ? undefined : declaredFunction(this.#scope, node.name)
    if (local !== undefined) this.found.push({ ...place, kind: 'local', local })
    else if (definition !== undefined) this.found.push({ ...place, kind: 'function', definition, call: node })
    else if (named !== null) this.found.push({ ...place, kind: 'value', named, call: node })
    else if (declared !== undefined) this.found.push({ ...place, kind: 'function', definition: declared.definition, call: node })
    else this.found.push({ ...place, kind: 'unknown' })
  }

  /** A name is known behind its own value. */
  #let(args: readonly Node[], context: Context): void {
    let inner = context
    for (const [index, arg] of args.entries()) {
      const value = args[index + 1]
      if (index % 2 === 1 || value === undefined) {
        this.visit(arg, inner)
        const name = args[index - 1]
        if (value !== undefined && name?.kind === 'name') inner = this.#declare(name, arg, inner)
      } else if (arg.kind !== 'name') this.visit(arg, inner)
    }
  }

  #lambda(args: readonly Node[], context: Context): void {
    let inner = context
    for (const [index, arg] of args.entries()) {
      const optional = index < args.length - 1 && arg.kind === 'reference' && optionalParameter(arg) !== null ? arg.column : null
      if (index < args.length - 1 && arg.kind === 'name') inner = this.#declare(arg, null, inner)
      else if (optional !== null) inner = this.#declare({ kind: 'name', ...optional }, null, inner)
      else this.visit(arg, inner)
    }
  }

  #declare(node: Node & { kind: 'name' }, value: Node | null, context: Context): Context {
    const range = bare(this.#text, node)
    const local = { name: node.name, declared: range, value }
    const locals = new Map([...context.locals, [node.name.toLowerCase(), local]])
    this.found.push({ kind: 'local', range, name: node.name, locals, local })
    return { ...context, locals }
  }

  /** Where there is no row, `[x]` in the condition is a column of what is filtered. */
  #filter(args: readonly Node[], context: Context): void {
    const [rows, ...others] = args
    if (rows === undefined) return
    this.visit(rows, context)
    const own = context.own ?? this.#base(rows)
    for (const arg of others) this.visit(arg, { ...context, own })
  }

  #base(node: Node): ScopeRelation | null {
    if (node.kind === 'name') return this.#relation(null, node.name)
    if (node.kind === 'reference') return node.table === null ? null : this.#relation(node.source, node.table.name)
    const inner = node.kind === 'call' && node.name.toUpperCase() === 'FILTER' ? node.args[0] : undefined
    return inner === undefined ? null : this.#base(inner)
  }

  #relation(source: ColumnName | null, table: string): ScopeRelation | null {
    const found = this.#scope?.relation(source?.name ?? null, table) ?? null
    return found?.kind === 'relation' ? found.relation : null
  }
}

function rangeOf({ start, end }: Range): Range {
  return { start, end }
}

/** The place of a name without the parentheses that the parser counts to it. */
function bare(text: string, { start, end }: Range): Range {
  const inner = text.slice(start, end)
  const before = /^[(\s\u00a0]*/.exec(inner)?.[0].length ?? 0
  const behind = /[)\s\u00a0]*$/.exec(inner)?.[0].length ?? 0
  return { start: start + before, end: Math.max(start + before, end - behind) }
}
