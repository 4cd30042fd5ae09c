import { SheetflowError } from '@sheetflow/core/errors'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { text } from '../options.ts'
import { fetchServer, SERVER_OPTIONS, serverUrl } from '../server.ts'

/** `sheetflow query`: one GraphQL query against a running server; prints the answer as JSON. */
export const query: CliCommand = {
  name: 'query',
  summary: 'ask a running Sheetflow one GraphQL query',
  usage: "query '{ customers(limit: 5) { id name } }' [--token T] [--variables JSON]",
  takes: 1,
  options: {
    ...SERVER_OPTIONS,
    token: { type: 'string', value: 'T', help: 'token of the reader (default: $SHEETFLOW_TOKEN, else that of a sheetflow dev here)' },
    variables: { type: 'string', value: 'JSON', help: 'variables of the query' },
  },
  async run({ options, positionals }) {
    const [document] = positionals
    if (document === undefined) throw new SheetflowError('app/usage', 'there is no query', { fix: "sheetflow query '{ … }'" })
    const server = await serverUrl(options)
    const token = text(options, 'token') ?? process.env['SHEETFLOW_TOKEN'] ?? (await devTokenOf(server))
    const response = await fetchServer(`${server}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables: variablesOf(text(options, 'variables')) }),
    })
    const answer = (await response.json()) as { errors?: unknown[] }
    process.stdout.write(`${JSON.stringify(answer, null, options['json'] === true ? 0 : 2)}\n`)
    return answer.errors === undefined ? EXIT.ok : EXIT.findings
  },
}

/** The token that a `sheetflow dev` on this machine gives to its page; nothing elsewhere. */
async function devTokenOf(server: string): Promise<string | undefined> {
  const response = await fetchServer(`${server}/_sheetflow/dev/token`)
  if (!response.ok) return undefined
  const { token } = (await response.json()) as { readonly token?: string | null }
  return token ?? undefined
}

function variablesOf(json: string | undefined): unknown {
  if (json === undefined) return {}
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new SheetflowError('app/usage', '--variables is not JSON', { fix: `For example --variables '{"id": "7"}'.`, cause: error })
  }
}
