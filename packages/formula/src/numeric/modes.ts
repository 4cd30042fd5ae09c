import { valueKey } from '@sheetflow/core/key'
import type { AnyNumber } from '@sheetflow/core/number'

/** The numbers that occur most often, twice at least, in the order of their first places; of none an empty list. */
export function modes(numbers: readonly AnyNumber[]): readonly AnyNumber[] {
  const counts = new Map<string, { readonly number: AnyNumber; count: number }>()
  let most = 1
  for (const number of numbers) {
    const key = valueKey(number)
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { number, count: 1 })
    else most = Math.max(most, ++known.count)
  }
  return most < 2 ? [] : [...counts.values()].filter((one) => one.count === most).map((one) => one.number)
}
