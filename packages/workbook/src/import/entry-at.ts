/** The name of the column or value whose formula stands at a line (counted from 1) of a file that an import wrote: the nearest key two spaces in. */
export function entryAt(text: string, line: number): string | null {
  const lines = text.split('\n')
  for (let index = line - 1; index >= 0; index--) {
    const at = lines[index] ?? ''
    const key = /^ {2}([A-Za-z]\w*):/.exec(at)?.[1]
    if (key !== undefined) return key
    if (/^\S/.test(at)) return null
  }
  return null
}
