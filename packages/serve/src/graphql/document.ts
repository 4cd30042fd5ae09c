import { getOperationAST, GraphQLError, Kind, parse, validate } from 'graphql'
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ServeLimits } from '../limits.ts'
import { checkShape } from './document-limits.ts'
import { rootShapes, type Operations } from './operations.ts'

/** A document that parsed, keeps to the limits and fits the schema. */
export interface PreparedDocument {
  readonly document: DocumentNode
  /** Asks for `__schema` or `__type` somewhere. */
  readonly introspects: boolean
}

/** Why a document is refused. */
type RefusalCode = 'query/parse' | 'query/invalid' | 'query/limit' | 'query/not-persisted'

/** A refused document: what `errors` of the answer holds, with the HTTP status 400. */
export class RefusedDocument extends SheetflowError {
  readonly errors: readonly GraphQLError[]

  constructor(code: RefusalCode, errors: readonly GraphQLError[]) {
    super(code, errors[0]?.message ?? 'the document was refused')
    this.errors = errors
  }
}

const MAX_ERRORS = 10

/** Documents checked before, by text: checking costs more than answering. */
export class DocumentCache {
  readonly #schema: GraphQLSchema
  readonly #limits: ServeLimits
  readonly #introspection: boolean
  readonly #operations: Operations | null
  readonly #known = new Map<string, PreparedDocument>()
  #chars = 0

  constructor(schema: GraphQLSchema, limits: ServeLimits, introspection: boolean, operations: Operations | null) {
    this.#schema = schema
    this.#limits = limits
    this.#introspection = introspection
    this.#operations = operations
  }

  /** The checked document; throws `RefusedDocument`. */
  prepare(text: string): PreparedDocument {
    const known = this.#known.get(text)
    if (known !== undefined) {
      this.#known.delete(text)
      this.#known.set(text, known)
      return known
    }
    const prepared = this.#check(text)
    this.#known.set(text, prepared)
    this.#chars += text.length
    this.#forget()
    return prepared
  }

  #check(text: string): PreparedDocument {
    if (text.length > this.#limits.documentBytes || Buffer.byteLength(text) > this.#limits.documentBytes) {
      throw refused('query/limit', `the document has more than ${this.#limits.documentBytes} bytes`)
    }
    if (deepestBracket(text) > this.#limits.brackets) throw refused('query/limit', `brackets stand deeper than ${this.#limits.brackets}`)
    const document = this.#parse(text)
    const shape = checkShape(document, this.#limits)
    if (typeof shape === 'string') throw refused('query/limit', shape)
    if (shape.introspects && !this.#introspection) throw refused('query/invalid', 'introspection is switched off')
    const errors = validate(this.#schema, document, undefined, { maxErrors: MAX_ERRORS })
    if (errors.length > 0) throw new RefusedDocument('query/invalid', errors)
    this.#admit(document)
    return { document, introspects: shape.introspects }
  }

  #admit(document: DocumentNode): void {
    const operations = this.#operations
    if (operations === null) return
    const unknown = rootShapes(document).find((shape) => !operations.admits(shape))
    if (unknown !== undefined) throw refused('query/not-persisted', `no page of this deployment asks ${unknown.text}`)
  }

  #parse(text: string): DocumentNode {
    try {
      return parse(text, { maxLexicalTokens: this.#limits.tokens })
    } catch (error) {
      if (error instanceof GraphQLError)
        throw new RefusedDocument(error.message.includes('Parsing aborted') ? 'query/limit' : 'query/parse', [error])
      // The parser recurses; what the bracket scan let through must still not end the process.
      if (error instanceof RangeError) throw refused('query/limit', 'the document is nested too deeply')
      throw error
    }
  }

  #forget(): void {
    for (const text of this.#known.keys()) {
      if (this.#known.size <= MAX_DOCUMENTS && this.#chars <= MAX_CHARS) return
      this.#known.delete(text)
      this.#chars -= text.length
    }
  }
}

const MAX_DOCUMENTS = 1_000
const MAX_CHARS = 8 * 1024 * 1024

/** The operation that a request means; `query/invalid` if it is not clear. */
export function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name)
  // Validation knows no type to hold a subscription against, so it lets any pass.
  if (operation?.operation === 'subscription')
    throw refused('query/invalid', 'there are no subscriptions: ask by a query, and follow the channels that its answer names')
  if (operation) return operation
  const count = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION).length
  throw refused(
    'query/invalid',
    count > 1 && name === null ? 'name the operation: the document has several' : `there is no operation '${name ?? ''}'`,
  )
}

/** A document refused for one reason. */
export function refused(code: RefusalCode, message: string): RefusedDocument {
  return new RefusedDocument(code, [new GraphQLError(message)])
}

/** Strings and comments, which hide brackets, and the brackets. */
const BRACKET_OR_HIDING = /"""[^]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|[{}()[\]]/g

/** The greatest number of brackets that are open at once. */
function deepestBracket(text: string): number {
  let open = 0
  let deepest = 0
  for (const [token] of text.matchAll(BRACKET_OR_HIDING)) {
    if (token === '{' || token === '(' || token === '[') deepest = Math.max(deepest, ++open)
    else if (token === '}' || token === ')' || token === ']') open -= 1
  }
  return deepest
}
