import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { SALES } from '../testing/shop.ts'
import { SHEET_SCHEMA, WORKBOOK_SCHEMA, type JsonSchema } from './json-schema.ts'

/** Enough of JSON Schema for the schemas that are published. */
function fits(schema: JsonSchema, value: unknown): boolean {
  const any = schema['anyOf'] as readonly JsonSchema[] | undefined
  if (any !== undefined) return any.some((one) => fits(one, value))
  const words = schema['enum'] as readonly unknown[] | undefined
  if (words !== undefined) return words.includes(value)
  const types = [schema['type']].flat()
  if (!types.includes(typeOf(value))) return false
  if (typeof value === 'string' && typeof schema['pattern'] === 'string') return new RegExp(schema['pattern']).test(value)
  if (Array.isArray(value)) return value.every((one) => fits(schema['items'] as JsonSchema, one))
  if (typeof value !== 'object' || value === null) return true
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  const more = schema['additionalProperties']
  return Object.entries(value).every(([key, one]) => {
    const property = properties[key] ?? (more === false ? undefined : (more as JsonSchema))
    return property !== undefined && fits(property, one)
  })
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

describe('the published schemas', () => {
  it.each(Object.entries(SALES))('take %s', (path, text) => {
    expect(fits(path.endsWith('workbook.yaml') ? WORKBOOK_SCHEMA : SHEET_SCHEMA, parse(text))).toBe(true)
  })

  it.each(['rows: shop!orders', 'colums: {}', 'keep: {a: b}', 'read: 5', 'publish: {index: total}'])('refuse %s', (text) => {
    expect(fits(SHEET_SCHEMA, parse(text))).toBe(false)
  })

  it('describe every key', () => {
    const described = (schema: unknown): boolean => {
      if (typeof schema !== 'object' || schema === null) return true
      if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
        return Object.values(schema.properties).every(
          (one: unknown) => typeof one === 'object' && one !== null && 'description' in one && described(one),
        )
      }
      return Object.values(schema).every(described)
    }
    expect(described(SHEET_SCHEMA)).toBe(true)
    expect(Object.keys(SHEET_SCHEMA['properties'] as object).join(' ')).toBe(
      'about rows key types data edit renames keep map columns cost publish read format tests',
    )
  })
})
