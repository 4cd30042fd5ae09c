import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { openOperations } from './operations-file.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sheetflow-operations-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

function open(serve: { readonly operations?: string; readonly persistedOnly?: boolean }, dev: boolean): ReturnType<typeof openOperations> {
  const sources = { shop: { type: 'postgres', url: 'postgres://localhost/x', tables: ['public.*'] } }
  return openOperations({ config: configSchema.parse({ sources, serve }), root, dev })
}

test('dev writes down what is asked, a start that persists only answers nothing else', () => {
  {
    using recorded = open({ operations: 'operations.json' }, true)
    expect(['b', 'a', 'b'].map((text) => recorded?.admits({ text, row: null }))).toEqual([true, true, true])
  }
  expect(JSON.parse(readFileSync(path.join(root, 'operations.json'), 'utf8'))).toEqual({ v: 1, operations: ['a', 'b'] })
  {
    using again = open({ operations: 'operations.json' }, true)
    again?.admits({ text: 'c', row: 'c by key' })
  }
  using known = open({ operations: 'operations.json', persistedOnly: true }, false)
  expect(['a', 'c', 'c by key', 'd'].map((text) => known?.admits({ text, row: null }))).toEqual([true, true, true, false])
})

test('without the setting everything may be asked', () => {
  expect(open({}, true)).toBeUndefined()
  expect(open({ operations: 'operations.json' }, false)).toBeUndefined()
})

test('what cannot be is one clear error', () => {
  const refusal = expect.objectContaining({ code: 'config/invalid', fix: expect.stringContaining('sheetflow dev') as string }) as Error
  expect(() => open({ persistedOnly: true }, false)).toThrow(refusal)
  expect(() => open({ operations: 'operations.json', persistedOnly: true }, false)).toThrow(refusal)
  writeFileSync(path.join(root, 'operations.json'), '{"v":2}')
  expect(() => open({ operations: 'operations.json' }, true)).toThrow(refusal)
})
