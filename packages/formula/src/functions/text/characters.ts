import { VALUE, NA } from '../../value/cell-errors.ts'
import { cleanText } from '@sheetflow/core/text'
import type { FunctionDefinition } from '../definition.ts'
import { cellText, position, text, TEXT_PARAM } from './define.ts'
import { toFullWidth, toHalfWidth } from './width.ts'

/** The characters 128 to 159 of Windows-1252; the others are those of Unicode. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function windowsChar(code: number): string {
  return code >= 128 && code < 160 ? WINDOWS.charAt(code - 128) : String.fromCharCode(code)
}

/** What Windows-1252 does not have is `?`, as in Excel. */
function windowsCode(char: string): number {
  const special = WINDOWS.indexOf(char)
  if (special >= 0) return special + 128
  const code = char.charCodeAt(0)
  return code < 128 || (code >= 160 && code < 256) ? code : '?'.charCodeAt(0)
}

/** Letters in capitals where none stands before them, the others small. */
function proper(value: string): string {
  let result = ''
  let inWord = false
  for (const char of value) {
    result += inWord ? char.toLowerCase() : char.toUpperCase()
    inWord = /\p{L}/u.test(char)
  }
  return result
}

/** Percent escapes of the UTF-8 bytes of all but letters, digits and `-_.~`. */
function urlEncoded(value: string): string {
  const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(cleanText(value).text).replaceAll(/[!'()*]/g, escaped)
}

/** One character, or `#N/A` for half of a pair. */
function unicodeChar(code: number): string | typeof VALUE {
  if (code < 1 || code > 0x10_ff_ff) return VALUE
  return code >= 0xd800 && code <= 0xdfff ? NA : String.fromCodePoint(code)
}

/** Single characters, and changes of each. */
export const CHARACTERS: readonly FunctionDefinition[] = [
  text(
    'CHAR',
    'The character with a code from 1 to 255 (Windows-1252).',
    [{ name: 'code', kind: 'integer' }],
    (code: number) => (code < 1 || code > 255 ? VALUE : windowsChar(code)),
    [
      { formula: '=CHAR(65)', result: '"A"' },
      { formula: '=CHAR(128)', result: '"€"' },
      { formula: '=CHAR([@blank])', result: '#VALUE!' },
    ],
  ),
  position(
    'CODE',
    'The code of the first character (Windows-1252).',
    [TEXT_PARAM],
    (value: string) => (value === '' ? VALUE : windowsCode(value.charAt(0))),
    [
      { formula: '=CODE([@name])', result: '65' },
      { formula: '=CODE("€")', result: '128' },
      { formula: '=CODE([@blank])', result: '#VALUE!' },
    ],
  ),
  text('UNICHAR', 'The character with a Unicode number; #N/A for half of a pair.', [{ name: 'number', kind: 'integer' }], unicodeChar, [
    { formula: '=UNICHAR(8364)', result: '"€"' },
    { formula: '=UNICHAR(128512)', result: '"😀"' },
    { formula: '=UNICHAR([@blank])', result: '#VALUE!' },
  ]),
  position('UNICODE', 'The Unicode number of the first character.', [TEXT_PARAM], (value: string) => value.codePointAt(0) ?? VALUE, [
    { formula: '=UNICODE("€uro")', result: '8364' },
    { formula: '=UNICODE("😀")', result: '128512' },
    { formula: '=UNICODE([@blank])', result: '#VALUE!' },
  ]),
  text(
    'CLEAN',
    'A text without control characters, such as line breaks.',
    [TEXT_PARAM],
    (value: string) => Array.from(value, (char) => (char < ' ' ? '' : char)).join(''),
    [
      { formula: '=CLEAN("a"&CHAR(10)&"b")', result: '"ab"' },
      { formula: '=CLEAN([@blank])', result: '""' },
      { formula: '=CLEAN(#N/A)', result: '#N/A' },
    ],
  ),
  text('PROPER', 'The first letter of each word in capitals, the others small.', [TEXT_PARAM], (value: string) => cellText(proper(value)), [
    { formula: '=PROPER("anna o\'neill-SMITH")', result: '"Anna O\'Neill-Smith"' },
    { formula: '=PROPER([@blank])', result: '""' },
    { formula: '=PROPER(#N/A)', result: '#N/A' },
  ]),
  text('ENCODEURL', 'A text as a part of a web address: all but letters, digits and -_.~ escaped.', [TEXT_PARAM], urlEncoded, [
    { formula: '=ENCODEURL("a b/ü")', result: '"a%20b%2F%C3%BC"' },
    { formula: '=ENCODEURL([@blank])', result: '""' },
    { formula: '=ENCODEURL(#N/A)', result: '#N/A' },
  ]),
  text('ASC', 'Full-width letters, digits and katakana in half width.', [TEXT_PARAM], toHalfWidth, [
    { formula: '=ASC("ＡＢＣ１２３")', result: '"ABC123"' },
    { formula: '=ASC("ガイド")', result: '"ｶﾞｲﾄﾞ"' },
    { formula: '=ASC([@blank])', result: '""' },
    { formula: '=ASC(#N/A)', result: '#N/A' },
  ]),
  text('DBCS', 'Half-width letters, digits and katakana in full width.', [TEXT_PARAM], toFullWidth, [
    { formula: '=DBCS("ABC 1")', result: '"ＡＢＣ　１"' },
    { formula: '=DBCS("ｶﾞｲﾄﾞ")', result: '"ガイド"' },
    { formula: '=DBCS([@blank])', result: '""' },
    { formula: '=DBCS(#N/A)', result: '#N/A' },
  ]),
]
