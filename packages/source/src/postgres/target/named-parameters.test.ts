import { isSheetflowError } from '@sheetflow/core/errors'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { bindNames } from './named-parameters.ts'

describe('named parameters', () => {
  it.each([
    ['select :id', 'select $1', ['id']],
    ['select :a, :b, :a', 'select $1, $2, $1', ['a', 'b']],
    ['where t = :user.tenant and x=:x', 'where t = $1 and x=$2', ['user.tenant', 'x']],
    ["select ':no', 'it''s :no', :yes", "select ':no', 'it''s :no', $1", ['yes']],
    [String.raw`select E'\':no', e'\\', :yes`, String.raw`select E'\':no', e'\\', $1`, ['yes']],
    [String.raw`select '\', :yes`, String.raw`select '\', $1`, ['yes']],
    ['select ":no", "a"":no", :yes', 'select ":no", "a"":no", $1', ['yes']],
    ['select :a::int, b::text, :c :: int', 'select $1::int, b::text, $2 :: int', ['a', 'c']],
    ['select -- :no\n:yes', 'select -- :no\n$1', ['yes']],
    ['select /* :no /* :no */ :no */ :yes', 'select /* :no /* :no */ :no */ $1', ['yes']],
    ['do $$ begin x := :no; end $$', 'do $$ begin x := :no; end $$', []],
    ['select $tag$ :no $$ ; $tag$, :yes', 'select $tag$ :no $$ ; $tag$, $1', ['yes']],
    ['select a[1:2], a[i : j]', 'select a[1:2], a[i : j]', []],
    ['call f(x := :x, y => :y)', 'call f(x := $1, y => $2)', ['x', 'y']],
    ['select a$1, täg$x, :ü', 'select a$1, täg$x, :ü', []],
  ])('%s', (sql, text, names) => {
    expect(bindNames(sql)).toMatchObject([{ text, names }])
  })

  it('splits statements, each with positions of its own', () => {
    const sql = "update a set x = ':;' where id = :id; -- and\n/* then */ insert into b values (:n, :id); ;  -- nothing"
    expect(bindNames(sql)).toEqual([
      { text: "update a set x = ':;' where id = $1", names: ['id'], verb: 'update' },
      { text: '-- and\n/* then */ insert into b values ($1, $2)', names: ['n', 'id'], verb: 'insert' },
    ])
  })

  it.each([
    ['/* x */ set search_path = evil', 'set'],
    ['set /* local */ search_path = evil', 'set'],
    ['SET -- local\n SESSION search_path = evil', 'set'],
    ['/* x */ set /* y */ Local search_path = fine', 'set local'],
    ['-- x\nset constraints all deferred', 'set constraints'],
    ['update a set local = 1', 'update'],
    ['set', 'set'],
  ])('knows what %j sets, whatever comments stand before it', (sql, verb) => {
    expect(bindNames(sql)).toMatchObject([{ verb }])
  })

  it.each(['select $1', 'select /* x', 'select $a$ x'])('%s is refused', (sql) => {
    expect(() => bindNames(sql)).toThrow(expect.objectContaining({ code: 'command/failed' }))
  })

  it('never changes what stands in quotes, and never throws anything else', () => {
    const part = fc.constantFrom("'", '"', '$$', '$a$', '--', '\n', '/*', '*/', ':x', '::', ':', ';', 'e', 'E', '\\', 'a', ' ', '$1', 'ü')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const sql = parts.join('')
        const quoted = `'${sql.replaceAll("'", "''")}'`
        expect(bindNames(`${quoted} :x`)).toMatchObject([{ text: `${quoted} $1`, names: ['x'] }])
        expect([undefined, 'command/failed']).toContain(codeOf(() => bindNames(sql)))
      }),
      { numRuns: 2_000 },
    )
  })
})

function codeOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return isSheetflowError(error) ? error.code : error
  }
}
