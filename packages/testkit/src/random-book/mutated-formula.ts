import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import { OPERATORS } from '@sheetflow/formula/functions/operators'
import type { Random } from '../random.ts'

const CORPUS = [...FUNCTIONS, ...OPERATORS].flatMap((one) => one.examples.map((example) => example.formula))

/** What breaks readers of formulas: signs, halves of characters, huge numbers and arrays, functions that call themselves, patterns that explode, names of objects' own things. */
const PIECES = [
  '=+-*/^&%<>(){}[],;:!@#"\'.0123456789 eE\n\t\u0000\ud800é'.split(''),
  ['[@price]', '[@blank]', '[@name]', '[@date]', '[@at]', '[price]', 'items[amount]', 'items', '#N/A', 'TRUE', '"a*"', '1e308', '-1'],
  ['99999999999999999999', '1e-30', 'LAMBDA(x,x)', 'LET(x,', '{1,2;3,4}', 'SEQUENCE(1000)', 'SEQUENCE(1000,1000)', 'REPT("a",32767)'],
  ['REDUCE(0,', 'MAP(', 'LAMBDA(a,b,', 'LAMBDA(f,f(f))', '"(a+)+$"', '"(a|a)*b"', '"**?*a"', 'constructor', '__proto__', 'toString'],
  [
    'MAKEARRAY(999,999,',
    'SCAN("",',
    'XLOOKUP(',
    'SUMIFS(',
    '1/0',
    '""""',
    '((((((((',
    '))))))))',
    '----',
    '%%%%',
    'items[#All]',
    "items['#]",
  ],
].flat()

/** An example of some function with parts cut out, doubled, and put in. */
export function mutatedFormula(random: Random): string {
  let text = random.pick(CORPUS)
  for (let edits = random.between(1, 5); edits > 0; edits--) {
    const at = random.below(text.length + 1)
    const piece = random.chance(0.6) ? random.pick(PIECES) : random.pick(CORPUS).slice(1)
    text = text.slice(0, at) + piece + text.slice(at + random.below(9))
  }
  return text
}
