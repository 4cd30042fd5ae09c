import { NASTY_DIRTY_TEXTS, NASTY_TEXTS } from '@sheetflow/testkit/nasty'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, test } from 'vitest'
import { compareBase64, decodeBase64, decodeBase64Url, encodeBase64 } from './base64.ts'
import { equalFolded, fold } from './fold.ts'
import { FOLD_UNICODE_VERSION } from './fold-table.ts'
import { sameJson, stableJson } from './json-text.ts'
import { schemaHash } from './schema-hash.ts'
import { sha256Hex } from './sha256.ts'
import { cleanText, compareText, utf8Length } from './text.ts'
import { isUlid, ulid } from './ulid.ts'

const anyText = fc.oneof(fc.constantFrom(...NASTY_TEXTS), fc.string({ unit: 'binary', maxLength: 5 }))

describe('text', () => {
  test('is ordered as its UTF-8 bytes are', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(compareText(a, b)).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))) + 0)
      }),
      { numRuns: runs(1_000, 10_000) },
    )
  })

  test('has the length of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'ż', '€', '😀', '\uD83D', '\uDE00') }), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
    )
  })

  test.each(NASTY_DIRTY_TEXTS)('%j enters as %j', (dirty, clean, replaced) => {
    expect(cleanText(dirty)).toEqual({ text: clean, replaced })
  })
})

describe('fold', () => {
  test.each([
    ['Straße', 'straße'],
    ['ẞ', 'ß'],
    ['SS', 'ss'],
    ['İ', 'İ'],
    ['I', 'i'],
    ['ı', 'ı'],
    ['ΑΣ', 'ας'],
    ['\u212A', 'k'],
    ['\u212B', 'å'],
    ['ſ', 's'],
    ['Ǆ', 'ǅ'],
    ['µ', 'μ'],
    ['ЖУК', 'жук'],
    ['Ꭰ', 'ꭰ'],
    ['\u{10400}', '\u{10428}'],
    ['ﬅ', 'ﬆ'],
    ['ŻÓŁĆ', 'żółć'],
  ])('%s and %s', (a, b) => {
    expect(equalFolded(a, b)).toBe(true)
    expect(fold(fold(a))).toBe(fold(a))
  })

  test.each([
    ['ß', 'ss'],
    ['İ', 'i'],
    ['á', 'a\u0301'],
    ['a', 'a '],
    ['ﬁ', 'fi'],
  ])('%s and %s stay different', (a, b) => {
    expect(equalFolded(a, b)).toBe(false)
  })

  test('is the runtime’s simple folding where that has the same Unicode', () => {
    const sameVersion = process.versions['unicode'] === FOLD_UNICODE_VERSION
    const wrong: string[] = []
    for (let point = 0; sameVersion && point < 0x20000; point++) {
      const text = String.fromCodePoint(point)
      const folded = fold(text)
      if (point >= 0xd800 && point <= 0xdfff) continue
      const matches = new RegExp(`^\\u{${point.toString(16)}}$`, 'iu').test(folded)
      if (!matches) wrong.push(point.toString(16))
    }
    expect(wrong).toEqual([])
  })

  test('ASCII is folded whole or not at all', () => {
    expect(fold('')).toBe('')
    expect(fold('abc-123')).toBe('abc-123')
    expect(fold('ABC[@X]')).toBe('abc[@x]')
    expect(fold('aBż')).toBe('abż')
  })
})

describe('base64', () => {
  const bytes = fc.uint8Array({ maxLength: 20 })

  test('goes round as Node’s does', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        expect(encodeBase64(content)).toBe(Buffer.from(content).toString('base64'))
        expect(decodeBase64(encodeBase64(content))).toEqual(content)
        expect(decodeBase64Url(Buffer.from(content).toString('base64url'))).toEqual(content)
      }),
    )
  })

  test('is compared as its bytes are', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(compareBase64(encodeBase64(a), encodeBase64(b))).toBe(Math.sign(Buffer.compare(a, b)) + 0)
      }),
      { numRuns: runs(1_000, 10_000) },
    )
  })

  test.each(['A', 'AA', 'AA=', 'A===', 'AB==', 'AAB=', 'AA==A', 'A A=', 'AA-_', '====', 'ąąąą'])('%j is none', (text) => {
    expect(decodeBase64(text)).toBeNull()
  })
})

describe('hashes and names', () => {
  test('sha256 of the standard’s examples', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex('a'.repeat(1_000_000))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  })

  test('sha256 is the platform’s at every length around a block', async () => {
    for (let length = 50; length < 140; length++) {
      const content = new Uint8Array(length).fill(length)
      expect(sha256Hex(content)).toBe(Buffer.from(await crypto.subtle.digest('SHA-256', content)).toString('hex'))
    }
  })

  test('a schema’s hash depends on order, names and types alone', () => {
    const id = { name: 'id', id: 1, type: 'bigint', null: false, source: 'int8' } as const
    const status = { name: 'status', id: 5, type: 'text', null: false } as const
    const hash = schemaHash(['id'], [id, status])
    expect(hash).toMatch(/^[0-9a-f]{32}$/)
    expect(schemaHash(['id'], [{ source: 'int8', null: false, type: 'bigint', id: 1, name: 'id' }, status])).toBe(hash)
    expect(schemaHash(['id'], [status, id])).not.toBe(hash)
    expect(schemaHash(['status'], [id, status])).not.toBe(hash)
    expect(schemaHash(['id'], [{ ...id, source: 'int4' }, status])).not.toBe(hash)
  })

  test('stable JSON has one form', () => {
    expect(stableJson({ b: 1, a: [{ d: null, c: undefined }], '\u{1F600}': 0, '\uFFFD': -0 })).toBe(
      '{"a":[{"d":null}],"b":1,"\uFFFD":0,"\u{1F600}":0}',
    )
    fc.assert(
      fc.property(fc.json(), (text) => {
        const once = stableJson(JSON.parse(text))
        expect(stableJson(JSON.parse(once))).toBe(once)
      }),
    )
  })

  test('sameJson sees digits, not values', () => {
    expect(sameJson('1.0', '1.00')).toBe(false)
    expect(sameJson(['a', { e: '#N/A' }], ['a', { e: '#N/A' }])).toBe(true)
    expect(sameJson({ e: '#N/A' }, { e: '#N/A', of: 'x' })).toBe(false)
    expect(sameJson([1], [1, null])).toBe(false)
    expect(sameJson([], null)).toBe(false)
    expect(sameJson({ '~': 1 }, [])).toBe(false)
  })

  test('a ULID sorts by time', () => {
    expect(ulid(1_469_918_176_385, () => 0)).toBe('01ARYZ6S410000000000000000')
    expect(isUlid(ulid(281_474_976_710_655, () => 0.999))).toBe(true)
    expect(ulid(1000, () => 0.999) < ulid(1001, () => 0)).toBe(true)
    for (const text of [
      '',
      '01J9ZQ3K7M4T8V2W5X6Y7Z8A9',
      '01j9zq3k7m4t8v2w5x6y7z8a9b',
      '81J9ZQ3K7M4T8V2W5X6Y7Z8A9B',
      '01J9ZQ3K7M4T8V2W5X6Y7Z8AIL',
    ]) {
      expect(isUlid(text)).toBe(false)
    }
  })
})
