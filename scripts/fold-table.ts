/**
 * Writes `packages/core/src/fold-table.ts` from the Unicode data of the Node that runs it: `node scripts/fold-table.ts`.
 *
 * Simple case folding (status C and S of CaseFolding.txt) is what `/…/iu` matches by, so two code points belong together exactly if
 * the one matches the other under these flags. The representative of a class is the one that CaseFolding.txt names.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TARGET = join(import.meta.dirname, '../packages/core/src/fold-table.ts')
const LAST = 0x10ffff
const LINE = 120

/** Code point → representative, for those that are not their own. */
function foldings(): Map<number, number> {
  const found = new Map<number, number>()
  for (const members of classes()) {
    const target = representative(members)
    for (const member of members) if (member !== target) found.set(member, target)
  }
  return found
}

/** Sets of two and more code points that match each other. */
function classes(): number[][] {
  const open = new Set<number>()
  for (let point = 0; point <= LAST; point++) {
    if (/\p{Changes_When_Casefolded}|\p{Changes_When_Casemapped}/u.test(String.fromCodePoint(point))) open.add(point)
  }
  const found: number[][] = []
  for (const point of open) {
    const pattern = new RegExp(`^\\u{${point.toString(16)}}$`, 'iu')
    const members = [...open].filter((other) => pattern.test(String.fromCodePoint(other)))
    for (const member of members) open.delete(member)
    if (members.length > 1) found.push(members)
  }
  return found
}

/** The small letter that the capital becomes, for Cherokee the capital; of two small letters the upper one's, the composed or the last. */
function representative(members: readonly number[]): number {
  const texts = members.map((point) => String.fromCodePoint(point))
  const [first = ''] = texts
  const capital = texts.find((text) => !/\p{Lowercase}/u.test(text))
  const candidates = [
    members.find((point) => point >= 0x13a0 && point <= 0x13f5),
    soleCodePoint(capital?.toLowerCase() ?? ''),
    soleCodePoint(first.toUpperCase().toLowerCase()),
    soleCodePoint(texts.find((text) => texts.every((other) => other.normalize('NFC') === text)) ?? ''),
  ]
  return candidates.find((point) => point !== undefined && members.includes(point)) ?? members.at(-1) ?? 0
}

function soleCodePoint(text: string): number | undefined {
  return Array.from(text).length === 1 ? text.codePointAt(0) : undefined
}

interface Run {
  readonly first: number
  last: number
  step: number
  readonly delta: number
}

/** `first,length,step,delta` in base 36: neighbours (or every second one) that fold by the same distance. */
function encode(table: ReadonlyMap<number, number>): string[] {
  const runs: Run[] = []
  for (const [point, target] of [...table].sort(([a], [b]) => a - b)) {
    const delta = target - point
    const run = runs.at(-1)
    const step = run === undefined ? 0 : point - run.last
    if (run !== undefined && run.delta === delta && step <= 2 && (run.step === 0 || run.step === step)) {
      run.last = point
      run.step = step
    } else runs.push({ first: point, last: point, step: 0, delta })
  }
  return runs.map(({ first, last, step, delta }) => [first, last - first, step, delta].map((n) => n.toString(36)).join(','))
}

function wrap(words: readonly string[]): string[] {
  const lines = ['']
  for (const word of words) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length > LINE) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

const table = foldings()
const version = process.versions['unicode'] ?? ''
writeFileSync(
  TARGET,
  `/**
 * Simple case folding of Unicode ${version} (status C and S of CaseFolding.txt), ${table.size} code points.
 * Made by \`scripts/fold-table.ts\`. Folded text is a key in checkpoints: another table needs another format number of theirs.
 *
 * Runs \`first,length,step,delta\` in base 36: each code point \`first + i·step\` up to \`first + length\` folds to itself + delta.
 */
export const FOLD_RUNS: string = [
${wrap(encode(table))
  .map((line) => `  '${line}',`)
  .join('\n')}
].join(' ')

/** The version of Unicode that the table was made from. */
// for tests: which compare the table with a runtime of the same version
export const FOLD_UNICODE_VERSION = '${version}'
`,
)
console.log(`${table.size} foldings of Unicode ${version}`)
if (process.argv.includes('--print')) for (const [from, to] of table) console.log(from.toString(16), to.toString(16))
