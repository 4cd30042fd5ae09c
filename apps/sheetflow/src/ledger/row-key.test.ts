import { expect, test } from 'vitest'
import { parseKey, type KeyColumn } from './row-key.ts'

const INT: KeyColumn = { name: 'id', type: { type: 'int' } }
const BIGINT: KeyColumn = { name: 'id', type: { type: 'bigint' } }
const TEXT: KeyColumn = { name: 'country', type: { type: 'text' } }
const BOOL: KeyColumn = { name: 'paid', type: { type: 'bool' } }

test.each<[string, readonly KeyColumn[], readonly unknown[]]>([
  ['42', [INT], [42]],
  ['42', [BIGINT], ['42']],
  ['PL', [TEXT], ['PL']],
  // One column takes the text as it is, commas and all.
  ['Smith, John', [TEXT], ['Smith, John']],
  ['PL, 7', [TEXT, INT], ['PL', 7]],
  ['TRUE,7', [BOOL, INT], [true, 7]],
  ['[null,7]', [TEXT, INT], [null, 7]],
  ['["a,b",7]', [TEXT, INT], ['a,b', 7]],
  ['[1]', [TEXT, INT].slice(1), [1]],
])('%s is a key', (text, columns, key) => {
  expect(parseKey(text, 'w.s', columns)).toEqual(key)
})

test.each<[string, readonly KeyColumn[]]>([
  ['x', [INT]],
  ['', [INT]],
  ['1.5', [INT]],
  ['4x', [BIGINT]],
  ['PL', [TEXT, INT]],
  ['PL,7,8', [TEXT, INT]],
  ['[1,x', [TEXT, INT]],
  ['{"e":"#N/A"}', [INT]],
])("'%s' is none, and it says what the key is", (text, columns) => {
  expect(() => parseKey(text, 'w.s', columns)).toThrow(
    expect.objectContaining({ code: 'app/usage', fix: expect.stringContaining(columns[0]?.name ?? '') as string }),
  )
})
