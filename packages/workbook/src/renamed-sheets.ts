/** So many of the lines of both files are the same, at least, where one is the other with a new name. */
const ALIKE = 0.6

const SHEET_PATH = /^([^/]+)\/([^/]+)\.sheet\.yaml$/

/**
 * Names that sheets had: `workbook.sheet` → `workbook.sheet` among `files`. A file is an old one with a new name if it is new, the old one is gone, and most
 * of their lines are the same, as git finds it; of several the most alike, each once. Sheets do not move between workbooks: their names are those of
 * what is in them. A name that a sheet has now is no old one. `known`: what was found before.
 */
export function renamedSheets(
  known: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const there = sheetsOf(files)
  const step = newNames(sheetsOf(before), there)
  const all = new Map([...Object.entries(known).map(([old, now]) => [old, step.get(now) ?? now] as const), ...step])
  return Object.fromEntries([...all].filter(([old, now]) => !there.has(old) && there.has(now)).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Sheets of `before` that are not among `files`, not even under another name (`names`: `renamedSheets`): `workbook.sheet` → names of the sheets of
 * that workbook that are new.
 */
export function goneSheets(
  names: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> {
  const [was, is] = [sheetsOf(before), sheetsOf(files)]
  const known = new Set(Object.values(names))
  const fresh = [...is.keys()].filter((name) => !was.has(name) && !known.has(name))
  const inside = (workbook: string): readonly string[] =>
    fresh.filter((name) => workbookOf(name) === workbook).map((name) => name.slice(workbook.length + 1))
  const gone = [...was.keys()].filter((name) => !is.has(name) && names[name] === undefined)
  return Object.fromEntries(gone.map((name) => [name, inside(workbookOf(name))]))
}

/** Texts of sheets by name. */
function sheetsOf(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(files).flatMap(([path, text]) => {
      const match = SHEET_PATH.exec(path)
      return match === null ? [] : [[`${match[1]}.${match[2]}`, text] as const]
    }),
  )
}

function newNames(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const gone = [...before].filter(([name]) => !after.has(name))
  const fresh = [...after].filter(([name]) => !before.has(name))
  const pairs = gone.flatMap(([old, text]) =>
    fresh
      .filter(([name]) => workbookOf(name) === workbookOf(old))
      .map(([name, other]) => ({ old, name, share: alike(text, other) }))
      .filter(({ share }) => share >= ALIKE),
  )
  pairs.sort((a, b) => b.share - a.share || (a.old < b.old ? -1 : 1) || (a.name < b.name ? -1 : 1))
  const found = new Map<string, string>()
  const taken = new Set<string>()
  for (const { old, name } of pairs) {
    if (found.has(old) || taken.has(name)) continue
    found.set(old, name)
    taken.add(name)
  }
  return found
}

function workbookOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}

/** Share of the lines of both that are in both, each line as often as it is there. */
function alike(a: string, b: string): number {
  const [lines, others] = [linesOf(a), linesOf(b)]
  const left = new Map<string, number>()
  for (const line of lines) left.set(line, (left.get(line) ?? 0) + 1)
  let same = 0
  for (const line of others) {
    const count = left.get(line) ?? 0
    if (count === 0) continue
    same += 2
    left.set(line, count - 1)
  }
  return lines.length + others.length === 0 ? 0 : same / (lines.length + others.length)
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
