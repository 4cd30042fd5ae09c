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
    token: { type: 'string', value: 'T', help: 'token of the reader (default: $SHEETFLOW_TOKEN)' },
    variables: { type: 'string', value: 'JSON', help: 'variables of the query' },
  },
  async run({ options, positionals }) {
    const [document] = positionals
    if (document === undefined) throw new SheetflowError('app/usage', 'there is no query', { fix: "sheetflow query '{ … }'" })
    const token = text(options, 'token') ?? process.env['SHEETFLOW_TOKEN']
    const response = await fetchServer(`${await serverUrl(options)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables: variablesOf(text(options, 'variables')) }),
    })
    const answer = (await response.json()) as { errors?: unknown[] }
    process.stdout.write(`${JSON.stringify(answer, null, options['json'] === true ? 0 : 2)}\n`)
    return answer.errors === undefined ? EXIT.ok : EXIT.findings
  },
}

function variablesOf(json: string | undefined): unknown {
  if (json === undefined) return {}
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new SheetflowError('app/usage', '--variables is not JSON', { fix: `For example --variables '{"id": "7"}'.`, cause: error })
  }
}
