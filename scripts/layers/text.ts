import type { Violation } from './violation.ts'

/** A pattern, spelled so that this file does not match itself. */
interface Ban {
  readonly pattern: RegExp
  readonly why: string
  readonly fix: string
}

const BANS: readonly Ban[] = [
  {
    pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/,
    why: 'a note to oneself',
    fix: 'do it, or say in a sentence what holds today and why',
  },
  {
    pattern: /(?<![\w.@)/:-])\/(?:wor[k]|roo[t]|farm|home\/[a-z][\w-]*|Users\/[A-Za-z][\w-]*|tmp\/bash_jobs)\//,
    why: 'a path of one machine',
    fix: 'use a path relative to the repository, or `os.tmpdir()`',
  },
  {
    pattern: /\bDESIG[N]\b|\bresearc[h]\/\w/,
    why: 'a citation of what is not in the repository',
    fix: 'name the document, or the code, in which it stands',
  },
]

/** What no text file of the repository holds. */
export function checkText(path: string, text: string): Violation[] {
  return BANS.flatMap((ban) => {
    const at = text.search(ban.pattern)
    return at === -1 ? [] : [{ file: path, line: text.slice(0, at).split('\n').length, why: ban.why, fix: ban.fix }]
  })
}
