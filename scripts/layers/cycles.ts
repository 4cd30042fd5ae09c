import { resolveImport, type SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/** No file depends on itself through others, types included: any part can be read, tested and moved with only what lies below it. */
export function checkCycles(root: string, files: readonly SourceFile[]): Violation[] {
  const edges = importGraph(root, files)
  const lineOf = (from: string, to: string): number => edges.get(from)?.get(to) ?? 1
  return knots(edges).map((knot) => {
    const ring = shortestRing(edges, knot)
    const [first = '', second = ''] = ring
    return {
      file: first,
      line: lineOf(first, second),
      why: `import cycle${knot.size > ring.length ? ` (one of several in ${knot.size} files)` : ''}: ${[...ring, first].join(' → ')}`,
      fix: 'move what both sides need into a file of its own, which imports neither',
    }
  })
}

/** File → imported file → line of the import. */
type Graph = ReadonlyMap<string, ReadonlyMap<string, number>>

function importGraph(root: string, files: readonly SourceFile[]): Graph {
  const known = new Set(files.map((file) => file.path))
  const graph = new Map<string, Map<string, number>>()
  for (const file of files) {
    const targets = new Map<string, number>()
    for (const { specifier, line } of file.imports) {
      const resolved = resolveImport(root, file.path, specifier)
      if (resolved !== undefined && 'path' in resolved && known.has(resolved.path)) targets.set(resolved.path, line)
    }
    graph.set(file.path, targets)
  }
  return graph
}

/** The strongly connected components that hold a cycle (Tarjan). */
function knots(graph: Graph): Set<string>[] {
  const found: Set<string>[] = []
  const index = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const visit = (node: string): number => {
    const own = index.size
    index.set(node, own)
    let lowest = own
    stack.push(node)
    onStack.add(node)
    for (const next of graph.get(node)?.keys() ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next))
      else if (onStack.has(next)) lowest = Math.min(lowest, index.get(next) ?? own)
    }
    if (lowest === own) {
      const members = stack.splice(stack.indexOf(node))
      for (const member of members) onStack.delete(member)
      if (members.length > 1 || graph.get(node)?.has(node) === true) found.push(new Set(members))
    }
    return lowest
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}

/** The shortest way from the first file of a knot (by name) back to itself: breadth first. */
function shortestRing(graph: Graph, knot: ReadonlySet<string>): string[] {
  const start = [...knot].toSorted()[0] ?? ''
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const node of queue) {
    for (const next of graph.get(node)?.keys() ?? []) {
      if (next === start) return wayBack(cameFrom, start, node)
      if (knot.has(next) && !cameFrom.has(next)) {
        cameFrom.set(next, node)
        queue.push(next)
      }
    }
  }
  return [start]
}

function wayBack(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [end]
  for (let node = end; node !== start;) {
    node = cameFrom.get(node) ?? start
    way.unshift(node)
  }
  return way
}
