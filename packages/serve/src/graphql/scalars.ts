import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLInt,
  GraphQLList,
  GraphQLScalarType,
  GraphQLString,
  Kind,
  valueFromASTUntyped,
} from 'graphql'
import type { GraphQLNullableType, GraphQLOutputType } from 'graphql'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'

/** Travels as text; as an input an integer is taken too (7 and "7" are one BigInt), a float never: it has lost digits already. */
function textScalar(name: string, description: string): GraphQLScalarType<string, string> {
  return new GraphQLScalarType<string, string>({
    name,
    description,
    parseValue: (value) => {
      if (typeof value === 'string') return value
      if (Number.isSafeInteger(value)) return String(value)
      throw new GraphQLError(`${name} is written as a string${typeof value === 'number' ? ', so that no digit is lost' : ''}`)
    },
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING || node.kind === Kind.INT) return node.value
      throw new GraphQLError(`${name} is written as a string`, { nodes: node })
    },
  })
}

const WHOLE = /^-?\d+$/

const SAFE_INT = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'A whole number between −2⁵³ and 2⁵³, as a JSON number.',
  parseValue: (value) => {
    const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value
    if (Number.isSafeInteger(number)) return number as number
    throw new GraphQLError('SafeInt is a whole number between -9007199254740991 and 9007199254740991')
  },
  parseLiteral: (node) => {
    const number = (node.kind === Kind.INT || node.kind === Kind.STRING) && WHOLE.test(node.value) ? Number(node.value) : NaN
    if (Number.isSafeInteger(number)) return number
    throw new GraphQLError('SafeInt is a whole number between -9007199254740991 and 9007199254740991', { nodes: node })
  },
})

/** Any value, as an input of commands and as the text of a json column. */
export const JSON_SCALAR: GraphQLScalarType = new GraphQLScalarType({
  name: 'JSON',
  description: 'As a column: JSON as text, exactly as the source sent it. As an input: any value.',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})

const BIG_INT: GraphQLScalarType = textScalar('BigInt', 'A whole number of any size, as text.')
const DECIMAL: GraphQLScalarType = textScalar('Decimal', 'An exact decimal, as text with all its digits.')
const BYTES: GraphQLScalarType = textScalar('Bytes', 'Bytes in base64.')
const DATE: GraphQLScalarType = textScalar('Date', '`2026-11-23`')
const TIME: GraphQLScalarType = textScalar('Time', '`10:00:00.000000`')
const INTERVAL: GraphQLScalarType = textScalar('Interval', 'ISO 8601, `P1DT2H`.')
const TIMESTAMP: GraphQLScalarType = textScalar('Timestamp', '`2026-11-23T10:00:00.000000`')
const TIMESTAMP_TZ: GraphQLScalarType = textScalar('TimestampTz', '`2026-11-23T10:00:00.000000Z`, always in UTC.')
const UUID: GraphQLScalarType = textScalar('UUID', 'A UUID as text.')

/** The scalar of a column, as it is asked for and filtered by. Lists have none. */
export function scalarOf(column: ColumnSchema): GraphQLScalarType | null {
  return column.type === 'int' && isSmallInt(column.source) ? GraphQLInt : scalarOfType(column)
}

/** The type of a column in answers. */
export function outputType(column: ColumnSchema): GraphQLOutputType {
  return scalarOf(column) ?? nestedOutput(column)
}

function nestedOutput(type: ColumnType): GraphQLNullableType & GraphQLOutputType {
  return type.type === 'list' ? new GraphQLList(nestedOutput(type.of)) : (scalarOfType(type) ?? GraphQLString)
}

function scalarOfType(type: ColumnType): GraphQLScalarType | null {
  switch (type.type) {
    case 'bool':
      return GraphQLBoolean
    case 'int':
      return SAFE_INT
    case 'bigint':
      return BIG_INT
    case 'decimal':
      return DECIMAL
    case 'double':
      return GraphQLFloat
    case 'text':
      return GraphQLString
    case 'bytes':
      return BYTES
    case 'date':
      return DATE
    case 'time':
      return TIME
    case 'interval':
      return INTERVAL
    case 'timestamp':
      return TIMESTAMP
    case 'timestamptz':
      return TIMESTAMP_TZ
    case 'uuid':
      return UUID
    case 'json':
      return JSON_SCALAR
    case 'list':
      return null
  }
}

/** Source types of at most 32 bits, signed. */
function isSmallInt(source: string | undefined): boolean {
  return (
    source !== undefined &&
    /^(int2|int4|smallint|integer|int|serial|smallserial|tinyint.*|mediumint.*)$/i.test(source) &&
    !/unsigned/i.test(source)
  )
}
