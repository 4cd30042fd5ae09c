import { executeSync, getVariableValues, GraphQLError } from 'graphql'
import type { OperationDefinitionNode } from 'graphql'
import { isSheetflowError } from '@sheetflow/core/errors'
import { isNestedDeeper } from '@sheetflow/core/json-text'
import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import type { Claims, Clock, Log } from '@sheetflow/core/ports/host'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { SubscriptionTokens } from '../live/subscription-tokens.ts'
import type { ServeLimits } from '../limits.ts'
import { toldError } from '../told-error.ts'
import { answerText, errorExtensions, loadingAnswer } from './answer-text.ts'
import type { Cursors } from './cursor.ts'
import { DocumentCache, operationOf, refused, RefusedDocument } from './document.ts'
import type { PreparedDocument } from './document.ts'
import { execute } from './execute.ts'
import { LiveEntries } from './live-entries.ts'
import type { LoweredRoot } from './lowered.ts'
import { lowerQuery } from './lower.ts'
import { mutate } from './mutate.ts'
import type { Operations } from './operations.ts'
import type { BlobUrl } from './render-rows.ts'
import { parseRequest } from './request.ts'
import type { GraphqlRequest } from './request.ts'
import { NO_ROLE } from './rights.ts'
import { roleSchema } from './role-schema.ts'
import type { RoleSchema } from './role-schema.ts'
import { SelectionReader } from './selection.ts'

/** What answers GraphQL requests. */
export interface GraphqlHost {
  readonly catalogue: Catalogue
  readonly limits: ServeLimits
  readonly cursors: Cursors
  readonly tokens: SubscriptionTokens
  readonly commands: AcceptCommand
  readonly clock: Clock
  readonly log: Log
  readonly blobUrl: BlobUrl
  /** May schemas be asked for? In development only. */
  readonly introspection: boolean
  /** What may be asked; null: everything that the rights allow. */
  readonly operations: Operations | null
  saw(stream: string, offset: number): void
}

/** An answer: HTTP status and JSON text. */
export interface GraphqlAnswer {
  readonly status: number
  readonly body: string
}

/** How long a query waits for a view that is being replaced. */
const NOT_READY_MS = 2_000
const NOT_READY_STEP_MS = 10
/** Requests kept in lowered form per reader. */
const KEPT_REQUESTS = 100
const KEPT_REQUEST_CHARS = 8 * 1024

/** Answers GraphQL requests: checks, lowers, reads, and puts the text of the answer together. */
export class GraphqlService {
  readonly #host: GraphqlHost
  readonly #liveEntries: LiveEntries
  readonly #roles = new Map<string, { readonly version: number; readonly schema: RoleSchema; readonly documents: DocumentCache }>()
  readonly #lowered = new WeakMap<Claims, Map<string, { readonly version: number; readonly roots: readonly LoweredRoot[] }>>()

  constructor(host: GraphqlHost) {
    this.#host = host
    this.#liveEntries = new LiveEntries(host.tokens, host.clock)
  }

  /** `body` is the JSON text of a request. A request that was asked before by this reader is not parsed again. */
  async answer(body: string, claims: Claims): Promise<GraphqlAnswer> {
    try {
      const known = this.#lowered.get(claims)?.get(body)
      if (known !== undefined && known.version === this.#host.catalogue.version) {
        return await this.#read(known.roots, claims, () => this.#lower(body, claims))
      }
      const request = parseRequest(body)
      return await this.#run(request, claims, body)
    } catch (error) {
      return this.#failure(error)
    }
  }

  /** A request of a URL: queries only. */
  async answerQuery(request: GraphqlRequest, claims: Claims): Promise<GraphqlAnswer> {
    try {
      const { operation } = this.#prepare(request, claims)
      if (operation.operation !== 'query') throw refused('query/invalid', 'GET is for queries; POST mutations')
      return await this.#run(request, claims, null)
    } catch (error) {
      return this.#failure(error)
    }
  }

  async #run(request: GraphqlRequest, claims: Claims, body: string | null): Promise<GraphqlAnswer> {
    const prepared = this.#prepare(request, claims)
    if (prepared.operation.operation === 'mutation') return this.#mutate(prepared, request, claims)
    const roots = this.#lowerPrepared(prepared, request, claims)
    if (prepared.document.introspects) return this.#introspect(prepared, request, { roots, claims })
    if (body !== null) this.#keep(body, claims, roots)
    return this.#read(roots, claims, () => this.#lowerPrepared(this.#prepare(request, claims), request, claims))
  }

  #lower(body: string, claims: Claims): readonly LoweredRoot[] {
    const request = parseRequest(body)
    const roots = this.#lowerPrepared(this.#prepare(request, claims), request, claims)
    this.#keep(body, claims, roots)
    return roots
  }

  #keep(body: string, claims: Claims, roots: readonly LoweredRoot[]): void {
    if (body.length > KEPT_REQUEST_CHARS) return
    let known = this.#lowered.get(claims)
    if (known === undefined) {
      known = new Map()
      this.#lowered.set(claims, known)
    }
    known.delete(body)
    known.set(body, { version: this.#host.catalogue.version, roots })
    for (const oldest of known.keys()) {
      if (known.size <= KEPT_REQUESTS) break
      known.delete(oldest)
    }
  }

  /** A view may be replaced between lowering and reading: then it is lowered again, for a while. */
  async #read(first: readonly LoweredRoot[], claims: Claims, again: () => readonly LoweredRoot[]): Promise<GraphqlAnswer> {
    const { clock, cursors, limits, blobUrl } = this.#host
    const until = clock.now() + NOT_READY_MS
    const context = {
      claims,
      cursors,
      blobUrl,
      clock,
      liveEntries: this.#liveEntries,
      liveParents: limits.liveParents,
      saw: this.#host.saw.bind(this.#host),
    }
    for (let roots = first; ; roots = again()) {
      try {
        return { status: 200, body: answerText(await execute(context, roots)) }
      } catch (error) {
        if (!isSheetflowError(error, 'query/not-ready')) throw error
        if (clock.now() >= until) return { status: 200, body: answerText(loadingAnswer(roots, error)) }
        await clock.sleep(NOT_READY_STEP_MS)
      }
    }
  }

  #prepare(request: GraphqlRequest, claims: Claims): Prepared {
    const role = this.#role(claims)
    const document = role.documents.prepare(request.query)
    return { role: role.schema, document, operation: operationOf(document.document, request.operationName) }
  }

  #lowerPrepared({ role, document, operation }: Prepared, request: GraphqlRequest, claims: Claims): readonly LoweredRoot[] {
    const selections = new SelectionReader(document.document, variablesOf(role, operation, request, this.#host.limits))
    return lowerQuery({ roleSchema: role, selections, claims, limits: this.#host.limits, cursors: this.#host.cursors }, operation)
  }

  /** graphql-js answers what is asked about the schema; the other fields are ours. */
  async #introspect(
    { role, document }: Prepared,
    request: GraphqlRequest,
    { roots, claims }: { readonly roots: readonly LoweredRoot[]; readonly claims: Claims },
  ): Promise<GraphqlAnswer> {
    const { data } = executeSync({
      schema: role.schema,
      document: document.document,
      variableValues: request.variables,
      operationName: request.operationName,
    })
    const ours = new Set(roots.map((root) => root.responseKey))
    const theirs = Object.entries(data ?? {}).filter(([key]) => !ours.has(key))
    const rest = JSON.parse((await this.#read(roots, claims, () => roots)).body) as { data: Record<string, unknown> }
    return { status: 200, body: JSON.stringify({ ...rest, data: { ...Object.fromEntries(theirs), ...rest.data } }) }
  }

  async #mutate({ role, document, operation }: Prepared, request: GraphqlRequest, claims: Claims): Promise<GraphqlAnswer> {
    const selections = new SelectionReader(document.document, variablesOf(role, operation, request, this.#host.limits))
    return { status: 200, body: await mutate(role, selections, operation, { ...this.#host, claims }) }
  }

  /** Roles that no rule names are one: strangers must not fill memory with schemas. */
  #role(claims: Claims): { readonly schema: RoleSchema; readonly documents: DocumentCache } {
    const { catalogue, limits, introspection, operations } = this.#host
    const named =
      claims.role !== null &&
      catalogue.all().some(({ schema }) => schema.read !== undefined && Object.hasOwn(schema.read, claims.role ?? ''))
    const name = named && claims.role !== null ? claims.role : NO_ROLE
    const known = this.#roles.get(name)
    if (known !== undefined && known.version === catalogue.version) return known
    const schema = roleSchema(catalogue, name)
    const role = { version: catalogue.version, schema, documents: new DocumentCache(schema.schema, limits, introspection, operations) }
    this.#roles.set(name, role)
    return role
  }

  #failure(error: unknown): GraphqlAnswer {
    if (error instanceof RefusedDocument) {
      const errors = error.errors.map((e) => ({ ...e.toJSON(), extensions: { code: error.code } }))
      return { status: 400, body: JSON.stringify({ errors }) }
    }
    if (isSheetflowError(error)) {
      const told = toldError(error, this.#host)
      const status = told.code.startsWith('query/') ? 400 : told.code.startsWith('access/') ? 403 : 503
      return { status, body: JSON.stringify({ errors: [{ message: told.message, extensions: errorExtensions(told) }] }) }
    }
    if (error instanceof GraphQLError) return { status: 400, body: JSON.stringify({ errors: [error.toJSON()] }) }
    this.#host.log.error('graphql request failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    return { status: 500, body: JSON.stringify({ errors: [{ message: 'internal server error', extensions: { code: 'INTERNAL' } }] }) }
  }
}

interface Prepared {
  readonly role: RoleSchema
  readonly document: PreparedDocument
  readonly operation: OperationDefinitionNode
}

/** The variables and a payload stand around the JSON of a command's field, which may be as deep as a document. */
const PAYLOAD_LEVELS = 2

function variablesOf(
  role: RoleSchema,
  operation: OperationDefinitionNode,
  request: GraphqlRequest,
  limits: ServeLimits,
): Readonly<Record<string, unknown>> {
  // Whatever reads them recurses, as the parser does.
  const levels = limits.brackets + PAYLOAD_LEVELS
  if (isNestedDeeper(request.variables, levels)) throw refused('query/limit', `variables are nested deeper than ${levels}`)
  const result = getVariableValues(role.schema, operation.variableDefinitions ?? [], request.variables, { maxErrors: 10 })
  if (result.coerced === undefined) throw new RefusedDocument('query/invalid', result.errors)
  return result.coerced
}
