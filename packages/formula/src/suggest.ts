/** The distance up to which a name counts as a slip of the finger, by its length. */
function tolerance(length: number): number {
  return length <= 2 ? 0 : length <= 5 ? 1 : length <= 9 ? 2 : 3
}

/**
 * The known names that `name` was probably meant to be, closest first, at most `limit`. Letter case is no difference;
 * a name that begins like `name` or holds it is close too.
 */
export function suggest(name: string, known: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase()
  const close: { readonly name: string; readonly distance: number }[] = []
  for (const candidate of new Set(known)) {
    const distance = closeness(wanted, candidate.toLowerCase())
    if (distance !== null) close.push({ name: candidate, distance })
  }
  close.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return close.slice(0, limit).map((one) => one.name)
}

/** `did you mean "a" or "b"?`, or undefined if nothing is close. For the `fix` of a diagnostic. */
export function didYouMean(name: string, known: Iterable<string>, write: (name: string) => string = (one) => one): string | undefined {
  const names = suggest(name, known).map(write)
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}

function closeness(wanted: string, candidate: string): number | null {
  const distance = editDistance(wanted, candidate, tolerance(Math.max(wanted.length, candidate.length)))
  if (distance !== null) return distance
  const begins = wanted.length >= 3 && (candidate.startsWith(wanted) || (candidate.length >= 3 && wanted.startsWith(candidate)))
  const holds = wanted.length >= 4 && (candidate.includes(wanted) || (candidate.length >= 4 && wanted.includes(candidate)))
  return begins || holds ? 4 : null
}

/**
 * Insertions, deletions, changes and swaps of neighbours (Damerau, restricted) that lead from `a` to `b`; null above `most`.
 * Cost is bounded by `most`, so that long inputs of no meaning stay cheap.
 */
export function editDistance(a: string, b: string, most: number): number | null {
  if (Math.abs(a.length - b.length) > most) return null
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return null
    before = last
    last = row
  }
  const distance = last[b.length] ?? 0
  return distance <= most ? distance : null
}
