import { SHEET_SHAPE, WORKBOOK_SHAPE, type Shape } from './shape.ts'

/** A JSON Schema (2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Scalars that YAML reads as something else than text (`0.23`, `2026-11-23`, `no`) are allowed where a value or text stands. */
const SCALAR = ['string', 'number', 'boolean', 'null']

/** The published schema of sheet files: editors complete and check by it. */
export const SHEET_SCHEMA: JsonSchema = documentSchema('Sheetflow sheet', SHEET_SHAPE)
/** The published schema of `workbook.yaml`. */
export const WORKBOOK_SCHEMA: JsonSchema = documentSchema('Sheetflow workbook', WORKBOOK_SHAPE)

function documentSchema(title: string, shape: Shape): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schemaOf(shape) }
}

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'text':
      if (shape.formula === true) return { type: 'string', pattern: '^=' }
      return shape.pattern === undefined ? { type: SCALAR } : { type: 'string', pattern: shape.pattern.source }
    case 'rule':
      return { type: 'string', pattern: '^(all$|=)' }
    case 'word':
      return { enum: shape.words }
    case 'value':
      return { type: SCALAR }
    case 'list':
      return { type: ['array', 'null'], items: schemaOf(shape.of) }
    case 'map':
      return { type: ['object', 'null'], additionalProperties: schemaOf(shape.of) }
    case 'record':
      return {
        type: ['object', 'null'],
        properties: Object.fromEntries(shape.fields.map((field) => [field.name, { description: field.help, ...schemaOf(field.shape) }])),
        additionalProperties: false,
      }
    case 'either':
      return { anyOf: shape.shapes.map(schemaOf) }
  }
}
