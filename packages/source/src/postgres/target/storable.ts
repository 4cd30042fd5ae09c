import { cleanText } from '@sheetflow/core/text'

/** What is told of a refusal at most: an outcome goes on as one message of the bus. */
const MOST_UNITS = 2_048

/** JSON text as every database may store it and read it again: what no text of Postgres holds (NUL, half a pair of surrogates) is U+FFFD, in keys too. */
export function storableJson(json: string): string {
  // Every escape is looked at, so that the second half of an escaped backslash is not taken for the beginning of one.
  return json.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, what: string) =>
    /^u(?:0000|d)/.test(what) ? String.raw`\ufffd` : escape,
  )
}

/** JSON text in ASCII, which is the same in every encoding that a database has. */
export function asciiJson(json: string): string {
  return escaped(json, /[\u0080-\uffff]/g)
}

/** A name as it is shown to people, in ASCII: what else it has stands as in JSON. */
export function asciiName(name: string): string {
  return escaped(name, /[^ -~]/g)
}

/** The text, or its beginning if it is too long to be told. */
export function told(text: string): string {
  if (text.length <= MOST_UNITS) return cleanText(text).text
  return `${cleanText(text.slice(0, MOST_UNITS - 1).replace(/[\ud800-\udbff]$/, '')).text}…`
}

function escaped(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
