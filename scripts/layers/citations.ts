import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Violation } from './violation.ts'

/** What may be cited by a number, and stands somewhere. */
export interface Citable {
  /** Sections of `docs/formats.md`, and their numbered points: `6`, `6.7`. */
  readonly formats: ReadonlySet<string>
  /** Of `docs/security.md`: `S05`. */
  readonly security: ReadonlySet<string>
  /** Of `docs/faults.md`: `F31`. */
  readonly faults: ReadonlySet<string>
  /** Numbers of decisions: `009`. */
  readonly decisions: ReadonlySet<string>
}

/** What the documents of the repository at `root` have. */
export function readCitable(root: string): Citable {
  const text = (path: string): string => readFileSync(join(root, path), 'utf8')
  return {
    formats: sections(text('docs/formats.md')),
    security: new Set(all(text('docs/security.md'), /^\| (S\d\d) /gm)),
    faults: new Set(all(text('docs/faults.md'), /\b(F\d\d)\b/g)),
    decisions: new Set(globSync('docs/adr/*.md', { cwd: root }).map((path) => basename(path).slice(0, 3))),
  }
}

/** `## 6. Title` is section 6, `7. …` at the beginning of a line below it is point 6.7. Of examples nothing counts. */
export function sections(document: string): Set<string> {
  const found = new Set<string>()
  let section = ''
  for (const line of document.replaceAll(/^```.*?^```/gms, '').split('\n')) {
    section = /^## (\d+)\. /.exec(line)?.[1] ?? section
    const point = /^(\d+)\. /.exec(line)?.[1]
    if (section !== '') found.add(point === undefined ? section : `${section}.${point}`)
  }
  return found
}

/** A comment may break between any two words of a citation. */
const GAP = String.raw`[\s*]+`
const PLACE = String.raw`\d+(?:\.\d+)?`
const FORMATS = new RegExp(`\\bFORMATS${GAP}(${PLACE}(?:(?:,|${GAP}and|${GAP}to)${GAP}${PLACE})*)(?:,${GAP}rule${GAP}(\\d+))?`, 'g')

/** Citations that lead nowhere: a section, a number or a decision that is not there. */
export function checkCitations(path: string, text: string, citable: Citable): Violation[] {
  const found: Violation[] = []
  const report = (at: number, cited: string, fix: string): void => {
    found.push({ file: path, line: text.slice(0, at).split('\n').length, why: `${cited} is nowhere`, fix })
  }
  const look = (pattern: RegExp, known: ReadonlySet<string>, place: string): void => {
    for (const { index, 0: whole, 1: cited = whole } of text.matchAll(pattern)) {
      if (!known.has(cited)) report(index, whole, `name one that ${place} has`)
    }
  }
  for (const { index, 1: places = '', 2: rule } of text.matchAll(FORMATS)) {
    for (const place of places.match(new RegExp(PLACE, 'g')) ?? []) {
      const cited = rule === undefined ? place : `${place}.${rule}`
      if (!citable.formats.has(cited)) report(index, `section ${cited} of the formats`, 'name one that docs/formats.md has')
    }
  }
  look(/\bADR (\d{3})\b/g, citable.decisions, 'docs/adr')
  look(/\bfaults\.md, (F\d\d)\b/g, citable.faults, 'docs/faults.md')
  if (path.endsWith('.fault.test.ts')) look(/\bF\d\d\b/g, citable.faults, 'docs/faults.md')
  // Elsewhere S10 may be a cell.
  if (/^(?:packages\/serve|apps)\/.*\.ts$/.test(path)) look(/\bS\d\d\b/g, citable.security, 'docs/security.md')
  return found
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}
