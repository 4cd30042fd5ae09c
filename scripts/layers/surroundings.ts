import { Visitor, type CallExpression, type Expression, type IdentifierReference, type NewExpression } from 'oxc-parser'
import { LAYERS, type Layer } from '../../layers.mjs'
import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

const CLOCKS: ReadonlySet<string> = new Set(['Date.now', 'performance.now', 'performance.timeOrigin', 'process.hrtime', 'Temporal.Now'])
const CHANCE: ReadonlySet<string> = new Set(['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues'])
const NODE: ReadonlySet<string> = new Set(['process', 'Buffer', 'require', '__dirname', '__filename', 'global', 'setImmediate'])
const OUTSIDE: ReadonlySet<string> = new Set([
  'setTimeout',
  'setInterval',
  'fetch',
  'WebSocket',
  'XMLHttpRequest',
  'indexedDB',
  'localStorage',
  'navigator',
  'console',
])

/** What a layer may not touch, by where it runs. */
interface Ban {
  readonly members: ReadonlySet<string>
  readonly globals: ReadonlySet<string>
  readonly reason: string
}

const BANS: Readonly<Record<Layer['runs'], Ban | undefined>> = {
  node: undefined,
  page: { members: CLOCKS, globals: NODE, reason: 'must run on a page and without a clock of its own' },
  anywhere: {
    members: CLOCKS.union(CHANCE),
    globals: NODE.union(OUTSIDE),
    reason: 'must give the same output for the same input on every machine',
  },
}

const FIX = 'take it as a parameter (time and chance are inputs: messages, or the ports of core)'

/** Law 13: what is pure reads no clock, no chance and nothing of its surroundings. */
export function checkSurroundings(file: SourceFile): Violation[] {
  const layer = file.layer === undefined ? undefined : LAYERS[file.layer]
  const ban = layer === undefined || file.isTest ? undefined : BANS[layer.runs]
  if (ban === undefined) return []
  const declared = declaredNames(file)
  const found: Violation[] = []
  const report = (name: string, start: number): void => {
    found.push({ file: file.path, line: file.lineOf(start), why: `${file.layer} ${ban.reason}, and uses ${name}`, fix: FIX })
  }
  new Visitor({
    MemberExpression: (node) => {
      const name = node.computed ? '' : `${nameOf(node.object)}.${nameOf(node.property)}`
      if (ban.members.has(name)) report(name, node.start)
      if (/^(globalThis|self|window)\./.test(name) && ban.globals.has(nameOf(node.property))) report(name, node.start)
    },
    NewExpression: (node) => reportDate(node, report),
    CallExpression: (node) => reportDate(node, report),
    Identifier: (node) => {
      if (ban.globals.has(node.name) && !declared.has(node.name) && isReference(file, node)) report(node.name, node.start)
    },
  }).visit(file.program)
  return found
}

/** `new Date()` and `Date()` read the clock; `new Date(value)` does not. */
function reportDate(node: NewExpression | CallExpression, report: (name: string, start: number) => void): void {
  const readsClock = node.type === 'CallExpression' || node.arguments.length === 0
  if (nameOf(node.callee) === 'Date' && readsClock) report(node.type === 'CallExpression' ? 'Date()' : 'new Date()', node.start)
}

function nameOf(node: Expression | { readonly type: string; readonly name?: unknown }): string {
  return node.type === 'Identifier' && 'name' in node && typeof node.name === 'string' ? node.name : ''
}

/** A name after a dot or before a colon is a property, not the global. */
function isReference(file: SourceFile, node: Pick<IdentifierReference, 'start' | 'end'>): boolean {
  const before = file.text.slice(0, node.start).trimEnd().at(-1)
  const after = file.text.slice(node.end).trimStart()
  return before !== '.' && !/^\??:/.test(after)
}

/** Every name that the file itself brings into being: such a name is not the global of the same spelling. */
function declaredNames(file: SourceFile): Set<string> {
  const names = new Set<string>()
  const take = (node: unknown): void => {
    if (typeof node === 'object' && node !== null && 'type' in node) {
      const name = nameOf(node as { type: string })
      if (name !== '') names.add(name)
    }
  }
  new Visitor({
    VariableDeclarator: (node) => take(node.id),
    FunctionDeclaration: (node) => node.params.forEach(take),
    FunctionExpression: (node) => node.params.forEach(take),
    ArrowFunctionExpression: (node) => node.params.forEach(take),
    MethodDefinition: (node) => take(node.key),
    PropertyDefinition: (node) => take(node.key),
    TSMethodSignature: (node) => take(node.key),
    TSPropertySignature: (node) => take(node.key),
    ImportSpecifier: (node) => take(node.local),
  }).visit(file.program)
  return names
}
