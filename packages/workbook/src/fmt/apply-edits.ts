import { isMap, isPair, isScalar, isSeq, parseDocument, type Scalar } from 'yaml'
import { isBlank, rangeOf } from '../file/yaml-file.ts'

/** A place in a file, and the text that is to be read there. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The file with other texts in some places, each within one scalar (its whole range: the whole value). They are written as the form of the scalar needs;
 * one without quotes gets some where it could not be read back. All else stays as it stands.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text
  return placesOf(parseDocument(text, { schema: 'failsafe' }).contents, false)
    .flatMap((place): Edit[] => {
      const { start, end } = rangeOf(place.scalar)
      const own = edits.filter((edit) => start <= edit.start && edit.end <= end)
      return own.length === 0 ? [] : [{ start, end, text: written(place, text.slice(start, end), start, own) }]
    })
    .toSorted((a, b) => b.start - a.start)
    .reduce((kept, edit) => kept.slice(0, edit.start) + edit.text + kept.slice(edit.end), text)
}

interface Place {
  readonly scalar: Scalar
  readonly inFlow: boolean
}

function placesOf(node: unknown, inFlow: boolean): Place[] {
  if (isScalar(node)) return [{ scalar: node, inFlow }]
  if (isPair(node)) return [...placesOf(node.key, inFlow), ...placesOf(node.value, inFlow)]
  if (isMap(node) || isSeq(node)) return node.items.flatMap((item) => placesOf(item, inFlow || node.flow === true))
  return []
}

/** The scalar with the edits in it; `source` is what stands in the file from `start` on. */
function written({ scalar, inFlow }: Place, source: string, start: number, edits: readonly Edit[]): string {
  const inPlace = (form: (text: string) => string): string =>
    edits
      .toSorted((a, b) => b.start - a.start)
      .reduce((kept, edit) => kept.slice(0, edit.start - start) + form(edit.text) + kept.slice(edit.end - start), source)
  const whole = edits.find((edit) => edit.start === start && edit.end === start + source.length)
  switch (scalar.type) {
    case 'QUOTE_SINGLE':
      return whole === undefined ? inPlace(inApostrophes) : quoted(whole.text)
    case 'QUOTE_DOUBLE':
      return whole === undefined ? inPlace(inQuotes) : `"${inQuotes(whole.text)}"`
    case 'BLOCK_FOLDED':
    case 'BLOCK_LITERAL':
      return whole === undefined ? inPlace((text) => text) : quoted(whole.text)
    default: {
      const plain = inPlace((text) => text)
      return isPlain(plain, inFlow) ? plain : quoted(plain)
    }
  }
}

/** Does YAML read the text without quotes as it stands? */
function isPlain(text: string, inFlow: boolean): boolean {
  const { contents, errors } = parseDocument(inFlow ? `[${text}]` : `- ${text}`, { schema: 'failsafe' })
  const [only, ...others] = isSeq(contents) ? contents.items : []
  if (errors.length > 0 || others.length > 0 || !isScalar(only) || only.value !== text || isBlank(only)) return false
  // A key ends at a colon, and in { } and [ ] a formula at a comma or bracket.
  return !/:\s|:$|\s#|^[-?:]/.test(text) && !(inFlow && /[,[\]{}]/.test(text))
}

function quoted(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what apostrophes cannot hold
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text) ? `"${inQuotes(text)}"` : `'${inApostrophes(text)}'`
}

function inApostrophes(text: string): string {
  return text.replaceAll("'", "''")
}

/** As JSON writes it, which YAML reads too. */
function inQuotes(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
