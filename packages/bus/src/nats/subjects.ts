/**
 * Subjects on the wire. What FORMATS 3 names (`sf.src.shop.public.orders`) stands there as it is, for everybody to read; a subject of any other
 * name is one of its stream alone, because on a NATS server a subject belongs to one stream only.
 */

const OWN = 'sf.stream'

/** The stream of the bus's own records: epochs, first offsets, who reads. */
export const CONTROL_STREAM = 'SF_BUS'

/** Kinds of our subjects → tokens that say whose they are: `sf.src.<source>`, `sf.in.graph.<graph>`. */
const KINDS: ReadonlyMap<string, number> = new Map([
  ['src', 3],
  ['wb', 3],
  ['graph', 3],
  ['in', 4],
])

/** How a subject of this stream is called on the wire. */
export function wireSubject(stream: string, subject: string): string {
  return areaOf(subject) === null ? `${OWN}.${stream}.${subject}` : subject
}

/** The subject of a message that came over the wire. */
export function plainSubject(stream: string, wire: string): string {
  const prefix = `${OWN}.${stream}.`
  return wire.startsWith(prefix) ? wire.slice(prefix.length) : wire
}

/** Patterns on the wire that together match what this pattern of a reader does. */
export function wirePatterns(stream: string, pattern: string): string[] {
  if (pattern === '>') return [pattern]
  const [head = '', kind = ''] = pattern.split('.')
  const own = `${OWN}.${stream}.${pattern}`
  if (head === 'sf') return KINDS.has(kind) ? [pattern] : [pattern, own]
  return head === '*' ? [pattern, own] : [own]
}

/** The subjects that a new stream of this name takes. */
export function firstAreas(stream: string): string[] {
  const named = /^SF_(SRC|GRAPH|IN_SRC|IN_GRAPH)_(.+)$/.exec(stream)
  if (named === null) return [`${OWN}.${stream}.>`]
  const [, kind = '', name = ''] = named
  return [`sf.${kind.toLowerCase().replace('_', '.')}.${name}.>`]
}

/** The part of the subjects that a stream has to take to hold this one. */
export function areaFor(stream: string, subject: string): string {
  return areaOf(subject) ?? `${OWN}.${stream}.>`
}

/** Is there a subject that both patterns match? */
export function overlap(one: string, other: string): boolean {
  const left = one.split('.')
  const right = other.split('.')
  for (let i = 0; ; i++) {
    const [a, b] = [left[i], right[i]]
    if (a === undefined || b === undefined) return a === b
    if (a === '>' || b === '>') return true
    if (a !== b && a !== '*' && b !== '*') return false
  }
}

/** `sf.src.shop.>` for `sf.src.shop.public.orders`; null for a subject that is none of FORMATS 3. */
function areaOf(subject: string): string | null {
  const tokens = subject.split('.')
  const count = tokens[0] === 'sf' ? KINDS.get(tokens[1] ?? '') : undefined
  if (count === undefined || tokens.length <= count) return null
  return `${tokens.slice(0, count).join('.')}.>`
}
